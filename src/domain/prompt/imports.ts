const FENCE = /^ {0,3}(`{3,}|~{3,})/;
/** As Claude Code reads them: at the start of a word, up to a space that no backslash stands before (code.claude.com, "Memory"). */
const IMPORT = /(?<=^|\s)@((?:[^\s\\]|\\ ){1,300})/g;

/** What a text of instructions imports as `@path`, in order, each one once. Nothing in code or in an HTML comment is an import. */
export function findImports(text: string): readonly string[] {
  const prose = dropCodeBlocks(text).replace(/<!--[\s\S]*?(?:-->|$)/g, " ");
  const words = prose.split(/\n[ \t]*\n/).flatMap((paragraph) => Array.from(dropCodeSpans(paragraph).matchAll(IMPORT), ([, word]) => word));
  return [...new Set(words.map((word) => toTarget(word ?? "")).filter((target) => target !== ""))];
}

function dropCodeBlocks(text: string): string {
  let open: string | undefined;
  const kept = text.split("\n").map((line) => {
    const fence = FENCE.exec(line)?.[1];
    if (open === undefined) {
      open = fence;
      return fence === undefined ? line : "";
    }
    if (fence?.startsWith(open) === true && line.trim() === fence) open = undefined;
    return "";
  });
  return kept.join("\n");
}

/** A span ends at the next run of as many backticks as it began with; without one, its backticks are text. */
function dropCodeSpans(paragraph: string): string {
  const runs = [...paragraph.matchAll(/`+/g)];
  let kept = "";
  let at = 0;
  for (let index = 0; index < runs.length; index += 1) {
    const from = runs[index];
    const end = findClosing(runs, index);
    const to = runs[end];
    if (from === undefined || to === undefined) continue;
    kept += `${paragraph.slice(at, from.index)}code`;
    at = to.index + to[0].length;
    index = end;
  }
  return kept + paragraph.slice(at);
}

function findClosing(runs: readonly RegExpExecArray[], open: number): number {
  const length = runs[open]?.[0].length;
  for (let index = open + 1; index < runs.length; index += 1) if (runs[index]?.[0].length === length) return index;
  return -1;
}

/** Without the anchor, and without the punctuation of the sentence around it. */
function toTarget(word: string): string {
  return word
    .replaceAll("\\ ", " ")
    .replace(/#.*$/, "")
    .replace(/[.,;:!?)\]]+$/, "");
}

/** The path in the repository that a file there means by `target`; undefined: it leaves the repository. */
export function resolveImport(from: string, target: string): string | undefined {
  if (/^[/~]|[\\`\p{Cc}]/u.test(target)) return undefined;
  const segments = from.split("/").slice(0, -1);
  for (const segment of target.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.length === 0 ? undefined : segments.join("/");
}
