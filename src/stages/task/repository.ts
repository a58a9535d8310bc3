import { excerpt, type TextLimits } from "../../domain/excerpt.ts";
import type { Forge } from "../../ports/forge.ts";

/** What the base says of the project. Texts come from people with write permission and are cleaned all the same. */
export interface RepositoryDescription {
  readonly facts: readonly string[];
  /** The contribution guide, cleaned; empty when there is none. */
  readonly guide: string;
}

const GUIDES = ["CONTRIBUTING.md", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md"];
const MANIFESTS: Readonly<Record<string, string>> = {
  "package.json": "JavaScript or TypeScript",
  "pyproject.toml": "Python",
  "go.mod": "Go",
  "Cargo.toml": "Rust",
  Makefile: "make",
};
const MAX_MANIFEST_BYTES = 65_536;
const MAX_SCRIPTS = 40;

/** Languages, commands and guide; `sha` has to be a commit of the base, never a head (I11). What cannot be read is left out: the agent can look for itself. */
export async function describeRepository(forge: Forge, sha: string, limits: TextLimits): Promise<RepositoryDescription> {
  const names = Object.keys(MANIFESTS);
  const read = (path: string, maxBytes: number): Promise<string | undefined> => forge.readFile(sha, path, maxBytes).catch(() => undefined);
  const manifests = await Promise.all(names.map(async (name) => ({ name, text: await read(name, MAX_MANIFEST_BYTES) })));
  const guides = await Promise.all(GUIDES.map((path) => read(path, limits.maxGuideBytes)));
  const found = manifests.filter((manifest) => manifest.text !== undefined);
  const scripts = listScripts(found.find((manifest) => manifest.name === "package.json")?.text);
  return {
    facts: [
      ...(found.length === 0 ? [] : [`Built with: ${found.map(({ name }) => `${MANIFESTS[name]} (${name})`).join(", ")}.`]),
      ...(scripts.length === 0 ? [] : [`npm scripts: ${scripts.join(", ")}.`]),
    ],
    guide: excerpt(guides.find((guide) => guide !== undefined) ?? "", limits.maxGuideBytes).text,
  };
}

function listScripts(text: string | undefined): readonly string[] {
  try {
    const manifest: unknown = JSON.parse(text ?? "{}");
    const scripts = typeof manifest === "object" && manifest !== null && "scripts" in manifest ? manifest.scripts : undefined;
    if (typeof scripts !== "object" || scripts === null) return [];
    return Object.keys(scripts)
      .filter((name) => /^[\w:.-]{1,40}$/.test(name))
      .slice(0, MAX_SCRIPTS);
  } catch {
    return [];
  }
}
