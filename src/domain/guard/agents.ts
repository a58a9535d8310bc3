/** Who opened a pull request, if it is not clearly a person. */
export interface Authorship {
  /** `agent`: a coding agent. `bot`: an account that is not a person. */
  readonly kind: "agent" | "bot";
  /** For people, for example `GitHub Copilot`. */
  readonly name: string;
  /** What the recognition rests on. */
  readonly by: "author" | "branch" | "trailer";
}

export interface AuthorFacts {
  readonly author: string;
  readonly branch: string;
  /** Message of the head commit; raw. */
  readonly commitMessage: string;
  /** Text of the pull request; raw. */
  readonly description: string;
  /** The input `branch-prefix`: Airlock's own branches. */
  readonly ownPrefix: string;
}

/** Logins, branch prefixes and trailers that agents leave, as their own documentation and public pull requests show them. */
const AGENTS: readonly { readonly name: string; readonly login?: RegExp; readonly branch?: RegExp; readonly words?: RegExp }[] = [
  {
    name: "GitHub Copilot",
    login: /^copilot(?:-swe-agent)?(?:\[bot\])?$/,
    branch: /^copilot\//,
    words: /copilot(?:-swe-agent)?(?:\[bot\])?/,
  },
  { name: "Claude", login: /^claude(?:\[bot\])?$/, branch: /^claude\//, words: /claude(?: code| opus| sonnet| haiku)?\b[^<]*/ },
  { name: "Codex", login: /^(?:chatgpt-)?codex(?:-connector)?(?:\[bot\])?$/, branch: /^codex\//, words: /(?:openai )?codex/ },
  { name: "Gemini", login: /^gemini-(?:cli|code-assist)(?:\[bot\])?$/, branch: /^gemini\//, words: /gemini(?: cli)?/ },
  { name: "Jules", login: /^google-labs-jules(?:\[bot\])?$/, branch: /^jules\//, words: /google-labs-jules(?:\[bot\])?/ },
  { name: "Cursor", login: /^cursor(?:agent)?(?:\[bot\])?$/, branch: /^cursor\//, words: /cursor(?: ?agent)?/ },
  { name: "Devin", login: /^devin-ai-integration(?:\[bot\])?$/, branch: /^devin\//, words: /devin(?:-ai-integration(?:\[bot\])?| ai)?/ },
  { name: "OpenHands", login: /^openhands(?:-agent|-ai)?(?:\[bot\])?$/, branch: /^openhands[/-]/, words: /openhands/ },
  { name: "Sweep", login: /^sweep(?:-ai)?(?:\[bot\])?$/, branch: /^sweep\//, words: /sweep ai/ },
  { name: "Airlock", login: /^airlock(?:\[bot\])?$/, branch: /^airlock\//, words: /airlock/ },
];

const TRAILER = /^(?:co-authored-by|generated-by|assisted-by|agent):[ \t]*([^<\r\n]{1,100})/gim;
/** The footer that Claude Code puts under its pull requests and commits, and others after it. */
const FOOTER = /^[ \t]{0,20}(?:\p{Extended_Pictographic}\uFE0F?\s*)?generated (?:with|by) \[?([\w -]{1,40})/gimu;
const MAX_TEXT = 65_536;

/** Recognises pull requests by agents and bots: first by account, then by branch, then by what the commit or the text says about itself. */
export function recogniseAuthor(facts: AuthorFacts): Authorship | undefined {
  const login = facts.author.toLowerCase();
  const byLogin = AGENTS.find((agent) => agent.login?.test(login));
  if (byLogin !== undefined) return { kind: "agent", name: byLogin.name, by: "author" };
  const byBranch = nameByBranch(facts);
  if (byBranch !== undefined) return { kind: "agent", name: byBranch, by: "branch" };
  const byTrailer = nameByTrailer(facts);
  if (byTrailer !== undefined) return { kind: "agent", name: byTrailer, by: "trailer" };
  return login.endsWith("[bot]") ? { kind: "bot", name: facts.author, by: "author" } : undefined;
}

function nameByBranch({ branch, ownPrefix }: AuthorFacts): string | undefined {
  if (ownPrefix !== "" && branch.startsWith(ownPrefix)) return "Airlock";
  return AGENTS.find((agent) => agent.branch?.test(branch.toLowerCase()))?.name;
}

function nameByTrailer({ commitMessage, description }: AuthorFacts): string | undefined {
  const texts = [commitMessage, description].map((text) => text.slice(0, MAX_TEXT));
  const names = texts
    .flatMap((text) => [...text.matchAll(TRAILER), ...text.matchAll(FOOTER)])
    .map(([, name = ""]) => name.trim().toLowerCase());
  return AGENTS.find((agent) => names.some((name) => agent.words !== undefined && new RegExp(`^(?:${agent.words.source})$`).test(name)))
    ?.name;
}
