// Up to which rate does a target hold its promise? The rate is doubled until it does not, then the gap is halved, and
// the last rate that held is confirmed at nine tenths. Terms: step – one rate, tried for some seconds; knee – the highest
// rate that held.

/** What a step came to. `spoilt`: by us or the machine; nothing is known of the target. */
export type Held = "held" | "broke" | "spoilt";

export interface Step<Detail> {
  rate: number;
  held: Held;
  detail: Detail;
}

export interface Knee<Detail> {
  /** In the order in which they were tried. */
  steps: Step<Detail>[];
  /** undefined: not even the first held. */
  knee: Step<Detail> | undefined;
  /** At nine tenths of the knee; undefined: it was not tried. */
  confirmed: Step<Detail> | undefined;
  /** Whether the target broke at a higher rate; false: the search ended before. */
  isFound: boolean;
}

export interface Search {
  from: number;
  /** Beyond it nothing is tried. */
  to: number;
  /** How often the gap between what held and what broke is halved. */
  halvings: number;
}

/** @param attempt Tries one rate; undefined: interrupted, and nothing more is tried. */
export async function findKnee<Detail>(
  { from, to, halvings }: Search,
  attempt: (rate: number) => Promise<Omit<Step<Detail>, "rate"> | undefined>,
): Promise<Knee<Detail>> {
  const found: Knee<Detail> = { steps: [], knee: undefined, confirmed: undefined, isFound: false };
  const step = async (rate: number): Promise<Step<Detail> | undefined> => {
    const outcome = await attempt(rate);
    if (outcome === undefined) return undefined;
    const done = { rate, ...outcome };
    found.steps.push(done);
    return done;
  };
  let broke: number | undefined;
  for (let rate = from; rate <= to; rate *= 2) {
    const done = await step(rate);
    if (done?.held === "held") found.knee = done;
    else if (done?.held === "broke") broke = rate;
    if (done?.held !== "held") break;
  }
  found.isFound = broke !== undefined;
  if (found.knee === undefined || broke === undefined) return found;
  for (let half = 0; half < halvings; half++) {
    const rate = rounded((found.knee.rate + broke) / 2);
    if (rate <= found.knee.rate || rate >= broke) break;
    const done = await step(rate);
    if (done === undefined) return found;
    if (done.held === "held") found.knee = done;
    else broke = rate;
  }
  found.confirmed = await step(rounded(found.knee.rate * 0.9));
  return found;
}

/** Two digits: more would be noise. */
const rounded = (rate: number): number => Number(rate.toPrecision(2));
