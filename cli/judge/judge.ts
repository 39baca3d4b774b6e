// `rollcall judge history.jsonl`: the judgement of a run, from what it wrote down while it happened; the same as the
// run's own.

import type { Command } from "commander";
import { historySchema } from "../../checkers/event-shape.ts";
import type { Finding } from "../../checkers/findings.ts";
import { exitCodeOfJudgement, judge } from "../../checkers/judge.ts";
import { HistoryError, Ledger } from "../../checkers/ledger.ts";
import { storyOf, tell } from "../../checkers/story.ts";
import { plain } from "../../reports/console.ts";
import { printJudgement } from "../../reports/judgement.ts";
import { HistoryFile, HistoryFileError } from "./history-file.ts";

interface JudgeOptions {
  json?: boolean;
  schema?: boolean;
  story?: string;
}

export function addJudgeCommand(program: Command): void {
  program
    .command("judge")
    .description("judge a run by its history: who heard what, exactly once, in order, and who should have")
    .argument("[history]", "the history.jsonl of a run; one that was killed can be judged too")
    .option("--json", "print the judgement as JSON")
    .option("--story <marker>", "tell one message's way instead: who sent it, who heard it, which faults were on")
    .option("--schema", "print the JSON Schema of a history's lines, and do nothing else")
    .addHelpText(
      "after",
      "\nExamples:\n  rollcall judge faults/discodeit-1.kafka-killed.history.jsonl\n  rollcall judge run.history.jsonl --story 4f2a91-2~\n\nExit codes: 0 nothing was found · 1 anomalies · 2 nothing can be said (no end, nothing read again, nothing owed) · 3 usage · 4 the history cannot be read",
    )
    .action((path: string | undefined, options: JudgeOptions, command: Command) => {
      if (options.schema === true) {
        console.log(JSON.stringify(historySchema(), undefined, 2));
        return;
      }
      if (path === undefined) command.error("error: missing required argument 'history'");
      try {
        process.exitCode = judgeFile(path, options);
      } catch (error) {
        if (!(error instanceof HistoryFileError)) throw error;
        console.error(`rollcall: ${plain(error.message)}\nnext: ${error.next}`);
        process.exitCode = 4;
      }
    });
}

function judgeFile(path: string, { json, story }: JudgeOptions): number {
  const file = new HistoryFile(path);
  const ledger = new Ledger();
  for (const event of file) {
    try {
      ledger.add(event);
    } catch (error) {
      throw error instanceof HistoryError ? file.at(error) : error;
    }
  }
  if (file.cutOff)
    console.error(`rollcall: line ${file.line} is cut off and was ignored: the run was killed while it wrote`);
  const judgement = judge(ledger);
  if (story !== undefined) return tellStory(file, story, judgement.findings, json === true);
  if (json === true) console.log(JSON.stringify(judgement, undefined, 2));
  else printJudgement(judgement);
  return exitCodeOfJudgement(judgement);
}

/** A message without a finding has a story too. */
function tellStory(file: HistoryFile, message: string, findings: readonly Finding[], json: boolean): number {
  const finding = findings.find((item) => item.message === message);
  const story = storyOf(file, finding ?? { message });
  if (story.send === undefined && finding === undefined)
    throw new HistoryFileError(
      `${file.path}: no message is called ${JSON.stringify(message)}`,
      "give a marker as the findings name it",
    );
  if (json) console.log(JSON.stringify(story, undefined, 2));
  else for (const line of tell(story)) console.log(plain(line));
  return finding === undefined ? 0 : 1;
}
