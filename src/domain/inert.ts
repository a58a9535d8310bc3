/**
 * The one place that turns text from outside (guest output, issue titles, host names, error messages of
 * services) into something that can be shown: logs, markdown, titles, commit messages, outputs, HTML (I15).
 * Everything here is pure, total and linear in the length of its input.
 */

/** Marks a cut, so that nobody takes a part for the whole. */
const CUT = "…";

const ESC = "\\u001b";
/** Terminal strings (OSC, DCS, PM, APC) up to their terminator. In an unterminated one only the escape character is spelt out. */
const TERMINAL_STRING = new RegExp(`${ESC}[\\]PX^_][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)`, "g");
/** CSI sequences and two-byte escapes. */
const TERMINAL = new RegExp(`[${ESC}\\u009b]\\[?[0-?]*[ -/]*[@-~]`, "g");
/** Joins emoji; dropped silently, because ordinary text has them. */
const EMOJI_GLUE = /[\u200d\ufe0e\ufe0f]/g;
/** Characters that nothing displays but models read: the same classes that the cleaner of issue texts removes, as runs. */
const HIDDEN = /(?:\p{Default_Ignorable_Code_Point}|[\u2028\u2029\ufff9-\ufffb])+/gu;
const CONTROL = /(?![\n\t])\p{Cc}/gu;
/** How a mark of Airlock's own begins; runs know each other's words by them. */
const MARK = /<!--(?=\s*airlock\b)/gi;

/**
 * Text without terminal sequences, with every control or hidden character spelt out. Keeps line feeds and tabs. What looks like a mark of
 * Airlock's own is shown in look-alikes, in code too, where nothing else is escaped.
 */
export function visible(text: string): string {
  return text
    .toWellFormed()
    .replaceAll("\r\n", "\n")
    .replace(TERMINAL_STRING, "")
    .replace(TERMINAL, "")
    .replace(EMOJI_GLUE, "")
    .replace(HIDDEN, (run) => `⟨${[...run].length} hidden⟩`)
    .replace(CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`)
    .replace(MARK, "<!‐‐");
}

/** At most `maxChars` UTF-16 units, never half a character, with a mark if something was cut. */
export function cut(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  if (maxChars < CUT.length) return "";
  const end = maxChars - CUT.length;
  const half = /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? 1 : 0;
  return text.slice(0, end - half) + CUT;
}

/** One line: every run of white space is one blank. */
export function inertLine(text: string, maxChars = 300): string {
  return cut(
    visible(text.slice(0, maxChars * 4))
      .replace(/\s+/g, " ")
      .trim(),
    maxChars,
  );
}

/**
 * Lines for the runner's log. A line that the runner would read as a workflow command is disarmed: `::` at its start and `##[` anywhere
 * (actions/runner, ActionCommand.cs).
 */
export function inertLogLines(text: string, maxLineChars = 4000): readonly string[] {
  return visible(text)
    .split("\n")
    .map((line) => defuse(cut(line, maxLineChars)));
}

function defuse(line: string): string {
  return line.replace(/^(\s*):(?=:)/, "$1: ").replaceAll("##[", "## [");
}

/**
 * A title or the subject of a commit: one line without mentions, issue references, closing keywords with a target, links, or the words that
 * make CI skip a commit. Active characters are replaced by look-alikes, never dropped.
 */
export function inertTitle(text: string, maxChars = 256): string {
  const line = inertLine(text, maxChars)
    .replaceAll("@", "＠")
    .replace(/#(?=\d)/g, "＃")
    .replace(/GH-(?=\d)/gi, "GH‑")
    .replace(/:\/\//g, "[:]//")
    .replace(/www\./gi, "www[.]")
    .replace(/\[(?=[^[\]]*\b(?:skip|ci|no|actions|nobuild)\b)([^[\]]*)\]/gi, "($1)")
    .replace(/\*{3}(?=NO_CI)/gi, "** *")
    .replace(/^(?=\s*(?:skip-checks|signed-off-by|co-authored-by)\s*:)/i, "› ");
  return cut(line, maxChars);
}

/** HTML text or the inside of a quoted attribute. */
export function inertHtml(text: string): string {
  return visible(text).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A code span that its content cannot close, on one line; also safe inside a table cell. */
export function codeSpan(text: string, maxChars = 200): string {
  const line = inertLine(text, maxChars).replaceAll("|", "¦");
  if (line === "") return "(empty)";
  const fence = "`".repeat(longestRun(line) + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

const LANGUAGES = new Set(
  "bash c cpp css diff go html ini java javascript js json jsx kotlin php python py ruby rust rs sh sql swift toml ts tsx typescript xml yaml yml".split(
    " ",
  ),
);

export interface FenceOptions {
  readonly language?: string;
  /** Of the content; default 4000. */
  readonly maxChars?: number;
}

/** A fenced block that its content cannot close. The content is cut before it is fenced. */
export function fence(text: string, options: FenceOptions = {}): string {
  const content = disarmCommands(cut(visible(text), options.maxChars ?? 4000));
  const marks = "`".repeat(Math.max(3, longestRun(content) + 1));
  const language = LANGUAGES.has((options.language ?? "").toLowerCase()) ? options.language?.toLowerCase() : "text";
  return `${marks}${language}\n${content.replace(/\n+$/, "")}\n${marks}`;
}

/** Bots read `/lgtm` or `/merge` at the start of a line wherever it stands, in code too. */
function disarmCommands(text: string): string {
  return text.replace(/^(?=\/[a-z][\w-]*(?:[ \t]|$))/gim, " ");
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, run) => Math.max(longest, run.length), 0);
}

/**
 * Guest Markdown as inert Markdown: paragraphs, lists, bold headings, code. No link, image, mention, reference, closing keyword, HTML,
 * table, quote, alert, footnote, formula or diagram survives as such. At most about `maxChars`; cut between blocks, so nothing is left
 * open.
 */
export function inertMarkdown(text: string, maxChars = 6000): string {
  const lines = cut(visible(text), maxChars).split("\n");
  const out: string[] = [];
  let size = 0;
  for (let index = 0; index < lines.length; ) {
    const block = readBlock(lines, index, out.at(-1) ?? "");
    index = block.next;
    size += block.markdown.length + 1;
    if (size > maxChars * 2) return [...out, CUT].join("\n");
    out.push(block.markdown);
  }
  return out
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

interface Block {
  readonly markdown: string;
  readonly next: number;
}

const FENCE_OPEN = /^ {0,3}(`{3,}|~{3,})[ \t]*([\w+#-]{0,20})[^`]*$/;
const LIST_ITEM = /^([ \t]{0,8})(?:([-*+])|(\d{1,3})[.)])[ \t]+(\S.*)$/;
const HEADING = /^ {0,3}#{1,6}[ \t]+(\S.*?)[ \t]*#*[ \t]*$/;

function readBlock(lines: readonly string[], index: number, previous: string): Block {
  const line = lines[index] ?? "";
  const next = index + 1;
  const open = FENCE_OPEN.exec(line);
  if (open !== null) return readFence(lines, next, { marks: open[1] ?? "```", language: open[2] ?? "" });
  const item = LIST_ITEM.exec(line);
  if (item !== null) return { markdown: renderItem(item, previous), next };
  const heading = HEADING.exec(line);
  if (heading !== null) return { markdown: `**${renderInline(heading[1] ?? "")}**`, next };
  return { markdown: renderInline(line.trim()), next };
}

function renderItem(item: RegExpExecArray, previous: string): string {
  const nested = /^ *(?:-|\d+\.) /.test(previous) && (item[1] ?? "").length >= 2;
  const mark = item[3] === undefined ? "-" : `${item[3]}.`;
  return `${nested ? "  " : ""}${mark} ${renderInline(item[4] ?? "")}`;
}

function readFence(lines: readonly string[], start: number, open: { readonly marks: string; readonly language: string }): Block {
  const close = new RegExp(`^ {0,3}${open.marks[0] === "~" ? "~" : "`"}{${Math.min(open.marks.length, 500)},}[ \\t]*$`);
  let end = start;
  while (end < lines.length && !close.test(lines[end] ?? "")) end += 1;
  const content = lines.slice(start, end).join("\n");
  return { markdown: `\n${fence(content, { language: open.language, maxChars: content.length })}\n`, next: end + 1 };
}

/** One line of text inside our own markdown: code spans stay, everything else is plain. Safe in a table cell too. */
export function inertInline(text: string, maxChars = 500): string {
  return renderInline(inertLine(text, maxChars));
}

/** Words that GitHub would make active: mentions, addresses, references, ids of commits, links, formulas. */
const LIVE = /[@$]|#\d|GH-\d|:\/\/|www\.|mailto:|xmpp:|\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40}\b|\b\d{40}\b/i;

function renderInline(line: string): string {
  const parts = line.split(/(?<!`)(`{1,9})(?!`)(.*?[^`])\1(?!`)/g);
  const out: string[] = [];
  for (let index = 0; index < parts.length; index += 3) {
    for (const word of flatten(parts[index] ?? "").split(/(\s+)/)) out.push(renderWord(word));
    const code = parts[index + 2];
    if (code !== undefined) out.push(codeSpan(code, code.length + 1));
  }
  return joinWords(out)
    .replace(/^(?=[#+=>/-])/, "\\")
    .replace(/^(\d{1,9})([.)])/, "$1\\$2");
}

/**
 * Bold text and links as plain words: the marks are removed, and the target of a link stays as text. The rest is escaped like everything
 * else.
 */
function flatten(text: string): string {
  return text.replace(/\*\*(?=\S)([^*`]{1,300}?)(?<=\S)\*\*/g, "$1").replace(/(?<!!)\[([^[\]`]{1,200})\]\(([^\s()`]{1,500})\)/g, "$1 ($2)");
}

/** Two adjacent code spans would be read as one with other borders. */
function joinWords(words: readonly string[]): string {
  let last = "";
  return words
    .map((word) => {
      const gap = last.endsWith("`") && word.startsWith("`") ? " " : "";
      if (word !== "") last = word;
      return gap + word;
    })
    .join("");
}

function renderWord(word: string): string {
  if (word.trim() === "") return word === "" ? "" : " ";
  if (LIVE.test(word)) return codeSpan(word, word.length + 1);
  return word.replace(/[\\`*_[\]<>&~|]/g, "\\$&");
}
