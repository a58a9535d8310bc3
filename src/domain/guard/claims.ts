import { finding } from "../checks/finding.ts";
import type { Finding } from "../patch.ts";
import type { FileDiff } from "../review/diff.ts";
import { clean } from "../text/clean.ts";
import { isTestPath } from "./weaker-tests.ts";

export interface ClaimFacts {
  readonly title: string;
  readonly description: string;
  /** The repository's own template at the base; its lines are not the author's claims. */
  readonly template: string;
  readonly files: readonly FileDiff[];
}

interface Claim {
  /** In the title or in a line of the visible description. */
  readonly says: RegExp;
  /** In the title alone. */
  readonly titled?: RegExp;
  /** Why the claim is wrong; undefined: it is not. */
  readonly refute: (files: readonly FileDiff[]) => string | undefined;
}

const DOCUMENTATION =
  /\.(?:md|mdx|markdown|rst|adoc|txt|png|jpe?g|gif|svg|webp)$|(?:^|\/)(?:docs?|documentation)\/|(?:^|\/)(?:README|CHANGELOG|LICEN[CS]E|CONTRIBUTING|AUTHORS|NOTICE)[^/]*$/i;
const DEPENDENCIES =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lock|Cargo\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|go\.(?:sum|mod)|Gemfile\.lock|composer\.lock|requirements[^/]*\.txt)$/;

/** Only claims that the list of files decides beyond doubt. */
const CLAIMS: readonly Claim[] = [
  {
    says: /\b(?:docs?|documentation|readme)[ -]only\b|\bonly (?:changes?|touches|updates?|affects|edits) (?:the )?(?:docs?|documentation|readme)\b|\bno code changes?\b/i,
    titled: /^docs?(?:\([^)]{0,40}\))?!?:/i,
    refute: (files) => nameFirst("It claims to change documentation only, and changes", files, (file) => !isDocumentation(file)),
  },
  {
    says: /\btests?[ -]only (?:change|pull request|pr|commit|patch)\b|\bonly (?:adds|changes|touches|updates) tests\b/i,
    titled: /^tests?(?:\([^)]{0,40}\))?!?:/i,
    refute: (files) =>
      nameFirst("It claims to change tests only, and changes", files, (file) => !isTestPath(file.path) && !isDocumentation(file)),
  },
  {
    says: /\b(?:adds?|added|includes?|included|with|wrote) (?:new |some |more |unit |integration |regression |the |a )*tests?\b(?! (?:command|script|run|plan|suite|runner|file to))|\btests? (?:were |was |have been |are )?added\b/i,
    refute: (files) => (files.some(bringsTests) ? undefined : "It claims to add tests, and no test file gets a line."),
  },
  {
    says: /\b(?:no|without(?: any)?) (?:new |changed? |changes? to )?dependenc(?:y|ies)(?: changes?)?\b/i,
    refute: (files) => nameFirst("It claims to leave the dependencies alone, and changes", files, (file) => DEPENDENCIES.test(file.path)),
  },
  {
    says: /\b(?:pure|just a|only a|only) renames?\b|\brename[ -]only\b|\bno content changes?\b/i,
    refute: (files) => nameFirst("It claims to be a rename only, and changes lines of", files, (file) => file.hunks.length > 0),
  },
];

const NEGATED =
  /\b(?:no|not|n't|without|does not|do not|did not|cannot|todo|should|will|would|need(?:s)? to|please|later|follow-up)\b[^.]{0,30}$/i;
const MAX_TEXT = 65_536;

/** Compares what the description says with the diff. A claim that the file list cannot decide is ignored. */
export function checkClaims(facts: ClaimFacts): readonly Finding[] {
  if (facts.files.length === 0) return [];
  const title = clean(facts.title.slice(0, 1000)).text.trim();
  const lines = [title, ...claimLines(facts)];
  return CLAIMS.flatMap((claim) => {
    const made = claim.titled?.test(title) === true || lines.some((line) => isMade(line, claim));
    const against = made ? claim.refute(facts.files) : undefined;
    if (against === undefined) return [];
    return finding({
      code: "claim-mismatch",
      reason: against,
    });
  });
}

/** Visible lines of the author's own: no template line, no unticked box, no quote, no code. */
function claimLines({ description, template }: ClaimFacts): readonly string[] {
  const known = new Set(
    clean(template.slice(0, MAX_TEXT))
      .text.split("\n")
      .map((line) => line.trim()),
  );
  return dropCode(clean(description.slice(0, MAX_TEXT)).text.split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !known.has(line) && !line.startsWith(">") && !/^[-*+] \\?\[ ?\\?\]/.test(line));
}

/** Lines outside fences; what follows a fence that is never closed is code too. */
function dropCode(lines: readonly string[]): readonly string[] {
  let open: string | undefined;
  return lines.filter((line) => {
    const marks = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (open === undefined) {
      open = marks;
      return marks === undefined;
    }
    if (marks?.startsWith(open) === true) open = undefined;
    return false;
  });
}

function isMade(line: string, { says }: Claim): boolean {
  const found = says.exec(line);
  return found !== null && !NEGATED.test(line.slice(0, found.index));
}

function isDocumentation({ path, oldPath }: FileDiff): boolean {
  return DOCUMENTATION.test(path) && DOCUMENTATION.test(oldPath);
}

function bringsTests(file: FileDiff): boolean {
  return isTestPath(file.path) && file.hunks.some((hunk) => hunk.lines.some(({ kind }) => kind === "added"));
}

function nameFirst(words: string, files: readonly FileDiff[], matches: (file: FileDiff) => boolean): string | undefined {
  const found = files.filter(matches);
  const [first] = found;
  if (first === undefined) return undefined;
  const name = first.path.replace(/[^\x20-\x7e]|`/g, "?").slice(0, 100);
  return `${words} \`${name}\`${found.length > 1 ? ` and ${found.length - 1} more` : ""}.`;
}
