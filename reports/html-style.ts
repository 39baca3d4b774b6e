// How report.html looks, and what its one script does. Every text has a contrast of at least 4.5 to 1 (WCAG 2.2, AA),
// in light and in dark: a test computes it from the variables below.

const kinds =
  ".pass { color: var(--pass); } .fail { color: var(--fail); } .weak { color: var(--weak); } .broken, .inconclusive { color: var(--odd); } .expected { color: var(--known); } .unsupported, .untested, .not { color: var(--dim); }";

export const style = `
:root { color-scheme: light dark; --page: #ffffff; --text: #1f2328; --dim: #59636e; --line: #d1d9e0; --mark: #6e7781;
  --pass: #1a7f37; --fail: #cf222e; --weak: #8a5a00; --odd: #8250df; --known: #0969da; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --text: #e6edf3; --dim: #9198a1; --line: #3d444d; --mark: #8b949e;
  --pass: #3fb950; --fail: #ff7b72; --weak: #d29922; --odd: #bc8cff; --known: #58a6ff; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; background: var(--page); color: var(--text); }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; } h3 { font-size: 1rem; margin: 1.6rem 0 .3rem; }
code, pre { font: 12.5px/1.5 ui-monospace, monospace; } a { color: var(--known); }
.counts span { display: inline-block; margin: 0 .8rem .3rem 0; } .dim { color: var(--dim); } .dim a { color: inherit; }
details { border-top: 1px solid var(--line); padding: .45rem 0; } summary { cursor: pointer; }
:focus-visible { outline: 2px solid var(--known); outline-offset: 2px; }
.verdict, dt { scroll-margin-top: 4rem; } ::placeholder { color: var(--dim); opacity: 1; }
.kind { display: inline-block; min-width: 6rem; margin-right: .5rem; font-weight: 600; } ${kinds}
.cause { margin-bottom: .6rem; } .under { margin-left: 1.2rem; } .cause > p { margin: .2rem 0 .2rem 1.2rem; }
.filter { position: sticky; top: 0; background: var(--page); padding: .5rem 0; display: flex; gap: .6rem; flex-wrap: wrap; align-items: center; z-index: 1; }
.filter input { flex: 1; min-width: 12rem; padding: .2rem .5rem; } .filter input, .filter select { font: inherit; color: var(--text); background: var(--page); border: 1px solid var(--mark); border-radius: 4px; }
[hidden] { display: none; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); gap: .2rem 1.5rem; margin: .4rem 0; } .facts dt { color: var(--dim); font-size: .85rem; } .facts dd { margin: 0; overflow-wrap: anywhere; }
.words dt { font-weight: 600; } .words dd { margin: 0 0 .4rem 1.2rem; } .words dt:target { outline: 2px solid var(--known); }
.story { font: 12.5px/1.6 ui-monospace, monospace; overflow-wrap: anywhere; } .finding { font-weight: 700; }
.sequence { width: 100%; max-width: 60rem; height: auto; font: 11px system-ui, sans-serif; margin: .3rem 0; } .sequence text { fill: var(--text); } .sequence .time { fill: var(--dim); } .sequence text.found { fill: var(--fail); font-weight: 600; }
.lane { stroke: var(--line); } .step { stroke: var(--mark); } .head { fill: var(--mark); } .step.found { stroke: var(--fail); stroke-width: 1.6; } .head.found { fill: var(--fail); } .missing { stroke-dasharray: 5 4; }
.diagnosis { border-left: 3px solid var(--known); padding-left: .7rem; }
table { border-collapse: collapse; width: 100%; } td { padding: .1rem .6rem .1rem 0; vertical-align: top; } td:last-child { white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.45 ui-monospace, monospace; }
td:first-child { text-align: right; white-space: nowrap; color: var(--dim); } td:nth-child(2) { white-space: nowrap; }
.overview { width: auto; } .overview th { text-align: left; padding: .1rem 1.2rem .1rem 0; } .overview td { padding-right: 1.2rem; } .overview td:first-child { text-align: left; } .overview td:last-child { font: inherit; }
section { scroll-margin-top: 4rem; }`;

/** Hides what does not match; a cause stays when something in it does. An anchor opens what it is in. */
export const script = `
const [search, kind, level, area] = document.querySelectorAll(".filter input, .filter select");
const items = [...document.querySelectorAll(".verdict")];
const openAround = (item) => { for (let up = item; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true; };
const show = () => {
  const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
  const isFiltered = words.length > 0 || [kind, level, area].some(({ value }) => value !== "");
  const isOr = ({ value }, own) => value === "" || value === own;
  let shown = 0;
  for (const item of items) {
    const { kind: ownKind, level: ownLevel, area: ownArea } = item.dataset;
    const text = item.textContent.toLowerCase();
    item.hidden = !(isOr(kind, ownKind) && isOr(level, ownLevel) && isOr(area, ownArea) && words.every((word) => text.includes(word)));
    if (item.hidden) continue;
    shown += 1;
    if (isFiltered) openAround(item.parentElement);
  }
  for (const cause of document.querySelectorAll(".cause")) cause.hidden = !cause.querySelector(".verdict:not([hidden])");
  document.querySelector("output").textContent = isFiltered ? shown + " of " + items.length + " clauses" : "";
};
const jump = () => {
  const item = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (item === null) return;
  item.hidden = false;
  openAround(item);
  item.scrollIntoView();
};
document.querySelector(".filter").addEventListener("input", show);
document.querySelector(".filter").addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", jump);
jump();`;
