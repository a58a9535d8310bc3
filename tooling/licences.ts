// Prints the licences of the packages that are bundled: licences.ts <stats of a bundle as JSON>…
// The packages are those whose modules the bundler put in; sorted, so that the same bundles give the same bytes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Module {
  readonly name?: string;
  readonly modules?: readonly Module[];
}

const LICENCE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;
const PACKAGE = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

const directories = new Set(process.argv.slice(2).flatMap((file) => findPackages(readJson(file))));
const notices = [...directories].map(renderNotice).sort();
process.stdout.write(`Licences of the packages that are bundled into dist/.\n\n${notices.join(`\n${"-".repeat(80)}\n`)}`);

function findPackages(module: Module): readonly string[] {
  const own = PACKAGE.exec(module.name ?? "")?.[1];
  return [...(own === undefined ? [] : [own]), ...(module.modules ?? []).flatMap(findPackages)];
}

function renderNotice(directory: string): string {
  const facts = readJson(join(directory, "package.json")) as { readonly name: string; readonly version: string; readonly license?: string };
  const files = readdirSync(directory)
    .filter((file) => LICENCE_FILE.test(file))
    .sort();
  const texts = files.map((file) => `${readFileSync(join(directory, file), "utf8").replaceAll("\r\n", "\n").trim()}\n`);
  const text = texts.length === 0 ? "The package holds no licence file; see the licence named above.\n" : texts.join("\n");
  return `${facts.name} ${facts.version} (${facts.license ?? "licence not stated"})\n\n${text}`;
}

function readJson(file: string): Module {
  return JSON.parse(readFileSync(file, "utf8")) as Module;
}
