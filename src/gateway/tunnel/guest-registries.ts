import { Buffer } from "node:buffer";
import type { Registries } from "../../domain/egress/presets.ts";
import { GUEST_ENV } from "../../domain/sandbox/env.ts";
import type { GatewayFile } from "../../ports/gateway.ts";

/** What may stand in any of the files and variables below without a meaning of its own there. */
const PLAIN_URL = /^https?:\/\/[A-Za-z0-9._:@[\]-]+(?:\/[A-Za-z0-9._~%@+/-]*)?$/;

/** The registry of a preset that stands first: the one that a tool asks where nothing else is named. undefined: none that can be told. */
export function mainRegistry(registries: Registries, key: string): string | undefined {
  const url = Object.hasOwn(registries, key) ? registries[key]?.[0] : undefined;
  return url !== undefined && PLAIN_URL.test(url) ? url : undefined;
}

/**
 * Variables that tell tools which registry the run's presets allow: only those that a repository's own file or command line beats, or that
 * nothing else can say. Sources: Corepack's README; pip, "Configuration"; Go, "Module reference".
 */
export function registryEnv(registries: Registries): Readonly<Record<string, string>> {
  const npm = mainRegistry(registries, "npm");
  const pypi = mainRegistry(registries, "pypi");
  return {
    ...(npm === undefined ? {} : { COREPACK_NPM_REGISTRY: npm.replace(/\/$/, "") }),
    ...(pypi === undefined ? {} : { PIP_INDEX_URL: pypi }),
    ...goEnv(registries["go"] ?? []),
  };
}

/** The runner's `GOPROXY`, then its checksum database; without one, the runner does not use any. */
function goEnv(urls: readonly string[]): Readonly<Record<string, string>> {
  if (urls.length === 0 || !urls.every((url) => PLAIN_URL.test(url))) return {};
  return urls.length === 1 ? { GOPROXY: urls.join(""), GOSUMDB: "off" } : { GOPROXY: urls.slice(0, -1).join(",") };
}

/**
 * The same for tools that let the environment beat a repository's own file: as the files of the user, which a repository's file beats in
 * turn. npm, pnpm, Yarn 1 and Bun read `.npmrc`, Yarn 2 and later `.yarnrc.yml`.
 */
export function registryFiles(registries: Registries): readonly GatewayFile[] {
  const npm = mainRegistry(registries, "npm");
  const pypi = mainRegistry(registries, "pypi");
  return [
    ...(npm === undefined ? [] : [homeFile(".npmrc", `registry=${npm}\n`), homeFile(".yarnrc.yml", renderYarn(npm))]),
    ...(pypi === undefined ? [] : [homeFile(".config/uv/uv.toml", `[[index]]\nurl = "${pypi}"\ndefault = true\n`)]),
  ];
}

function renderYarn(registry: string): string {
  const plain = registry.startsWith("http:") ? `unsafeHttpWhitelist: ["${URL.parse(registry)?.hostname ?? ""}"]\n` : "";
  return `npmRegistryServer: "${registry.replace(/\/$/, "")}"\n${plain}`;
}

/** A file of the agent's own; what the image has in its place stays. */
export function homeFile(path: string, text: string): GatewayFile {
  return { path: `${GUEST_ENV.HOME}/${path}`, content: Buffer.from(text), owner: "agent", keep: true, optional: true };
}
