import { Buffer } from "node:buffer";
import type { Registries } from "../../domain/egress/presets.ts";
import { GUEST_ENV } from "../../domain/sandbox/env.ts";
import type { GatewayFile } from "../../ports/gateway.ts";

/** What may stand in any of the files and variables below without a meaning of its own there. */
const PLAIN_URL = /^(?:sparse\+)?https?:\/\/[A-Za-z0-9._:@[\]-]+(?:\/[A-Za-z0-9._~%@+/-]*)?$/;

/** The registry of a preset that stands first: the one that a tool asks where nothing else is named. undefined: none that can be told. */
export function mainRegistry(registries: Registries, key: string): string | undefined {
  return toldOf(registries, key)[0];
}

/** All registries of a preset; none if one of them cannot be told. */
function toldOf(registries: Registries, key: string): readonly string[] {
  const urls = Object.hasOwn(registries, key) ? (registries[key] ?? []) : [];
  return urls.every((url) => PLAIN_URL.test(url)) ? urls : [];
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
    ...goEnv(toldOf(registries, "go")),
  };
}

/** The runner's `GOPROXY`, then its checksum database; without one, the runner does not use any. */
function goEnv(urls: readonly string[]): Readonly<Record<string, string>> {
  if (urls.length === 0) return {};
  return urls.length === 1 ? { GOPROXY: urls.join(""), GOSUMDB: "off" } : { GOPROXY: urls.slice(0, -1).join(",") };
}

/**
 * The same for tools that let the environment beat a repository's own file: as the files of the user, which a repository's file beats in
 * turn. npm, pnpm, Yarn 1 and Bun read `.npmrc`, Yarn 2 and later `.yarnrc.yml`. Sources: the Cargo book, "Source replacement"; Bundler,
 * "bundle config"; RubyGems, "Command reference"; Composer, "Repositories"; NuGet, "nuget.config reference".
 */
export function registryFiles(registries: Registries): readonly GatewayFile[] {
  const npm = mainRegistry(registries, "npm");
  const pypi = mainRegistry(registries, "pypi");
  const cargo = mainRegistry(registries, "cargo:replacement");
  return [
    ...rubyFiles(registries),
    ...(cargo === undefined ? [] : [homeFile(".cargo/config.toml", renderCargo(cargo))]),
    ...fileFor(".composer/config.json", toldOf(registries, "composer"), renderComposer),
    ...fileFor(".nuget/NuGet/NuGet.Config", toldOf(registries, "nuget"), renderNuget),
    ...(npm === undefined ? [] : [homeFile(".npmrc", `registry=${npm}\n`), homeFile(".yarnrc.yml", renderYarn(npm))]),
    ...(pypi === undefined ? [] : [homeFile(".config/uv/uv.toml", `[[index]]\nurl = "${pypi}"\ndefault = true\n`)]),
  ];
}

function fileFor(path: string, urls: readonly string[], render: (urls: readonly string[]) => string): readonly GatewayFile[] {
  return urls.length === 0 ? [] : [homeFile(path, render(urls))];
}

/** gem takes sources in place of its own. A Gemfile always names one, so Bundler is told what serves in place of the public registry. */
function rubyFiles(registries: Registries): readonly GatewayFile[] {
  const urls = toldOf(registries, "rubygems");
  const [mirror] = urls;
  const original = mainRegistry(registries, "rubygems:default");
  const gem = fileFor(".gemrc", urls, () => `:sources:\n${urls.map((url) => `- ${url}\n`).join("")}`);
  if (mirror === undefined || original === undefined || withSlash(mirror) === withSlash(original)) return gem;
  const key = `BUNDLE_MIRROR__${withSlash(original).replaceAll(".", "__").replaceAll("-", "___").toUpperCase()}`;
  return [...gem, homeFile(".bundle/config", `---\n${key}: "${withSlash(mirror)}"\n`)];
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}

function renderCargo(registry: string): string {
  return `[source.crates-io]\nreplace-with = "airlock"\n\n[source.airlock]\nregistry = "${registry}"\n`;
}

/** The public registry is left out: if the runner uses it, it is one of these. */
function renderComposer(urls: readonly string[]): string {
  return JSON.stringify({ repositories: [...urls.map((url) => ({ type: "composer", url })), { packagist: false }] });
}

function renderNuget(urls: readonly string[]): string {
  const sources = urls.map((url, index) => `    <add key="airlock-${index + 1}" value="${url}" />\n`);
  return `<configuration>\n  <packageSources>\n${sources.join("")}  </packageSources>\n</configuration>\n`;
}

function renderYarn(registry: string): string {
  const plain = registry.startsWith("http:") ? `unsafeHttpWhitelist: ["${URL.parse(registry)?.hostname ?? ""}"]\n` : "";
  return `npmRegistryServer: "${registry.replace(/\/$/, "")}"\n${plain}`;
}

/** A file of the agent's own; what the image has in its place stays. */
export function homeFile(path: string, text: string): GatewayFile {
  return { path: `${GUEST_ENV.HOME}/${path}`, content: Buffer.from(text), owner: "agent", keep: true, optional: true };
}
