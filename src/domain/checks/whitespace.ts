/** Languages and formats where indentation has a meaning. */
const INDENTED =
  /\.(?:py|pyi|pyx|ya?ml|md|markdown|rst|adoc|haml|slim|pug|jade|sass|styl|coffee|nim|fsx?|hs|elm|gd|mk|mak|tsv|patch|diff|feature|robot|bzl)$|(?:^|\/)(?:[Mm]akefile|GNUmakefile|BUILD|WORKSPACE)(?:\.[^/]*)?$/;

/** True if two texts differ only in line ends, blank lines, trailing spaces and, where it has no meaning, indentation. */
export function differsInWhitespaceOnly(path: string, before: string, after: string): boolean {
  return meat(path, before) === meat(path, after);
}

function meat(path: string, text: string): string {
  const trim = INDENTED.test(path) ? (line: string) => line.trimEnd() : (line: string) => line.trim();
  return text
    .split(/\r\n|\r|\n/)
    .map(trim)
    .filter((line) => line !== "")
    .join("\n");
}
