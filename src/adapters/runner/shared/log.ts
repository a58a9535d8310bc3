import { endGroup, info, notice, startGroup, warning } from "@actions/core";
import { inertLine, inertLogLines } from "../../../domain/inert.ts";
import type { RunnerLog } from "../../../ports/runner.ts";

const MAX_TEXT_CHARACTERS = 1_000_000;

/** The job's log. The runner cannot nest groups, so a group inside a group is a heading. */
export function openLog(): RunnerLog {
  let depth = 0;
  const toLines = (text: string): readonly string[] => inertLogLines(text.slice(0, MAX_TEXT_CHARACTERS));
  const print = (text: string): void => {
    for (const line of toLines(text)) info(line);
  };
  return {
    info: print,
    notice: (text) => notice(toLines(text).join("\n")),
    warning: (text) => warning(toLines(text).join("\n")),
    async group(title, body) {
      const heading = inertLine(title);
      if (depth === 0) startGroup(heading);
      else print(`— ${heading}`);
      depth += 1;
      try {
        return await body();
      } finally {
        depth -= 1;
        if (depth === 0) endGroup();
      }
    },
  };
}
