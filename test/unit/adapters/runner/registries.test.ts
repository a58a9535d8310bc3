import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRegistries } from "../../../../src/adapters/runner/registries.ts";

const TOUCHED = ["PATH", "CARGO_HOME", "GITHUB_SERVER_URL", "HOME"] as const;
let before: Record<string, string | undefined>;
let home: string;

beforeEach(async () => {
  before = Object.fromEntries(TOUCHED.map((name) => [name, process.env[name]]));
  home = await mkdtemp(join(tmpdir(), "airlock-registries-test-"));
});

afterEach(async () => {
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  await rm(home, { recursive: true, force: true });
});

/** Puts a program of that name on the path, alone; it prints `text` and the directory it ran in. */
async function install(name: string, text: string): Promise<void> {
  await mkdir(join(home, "bin"), { recursive: true });
  await writeFile(join(home, "bin", name), `#!/bin/sh\npwd >> ${join(home, "where")}\ncat <<'END'\n${text}\nEND\n`);
  await chmod(join(home, "bin", name), 0o755);
  process.env["PATH"] = `${join(home, "bin")}:/usr/bin:/bin`;
}

/** A Maven whose home is in the test's folder, with its own settings and those of the user. */
async function installMaven(own: string, user = ""): Promise<void> {
  await install("mvn", `Apache Maven 3.9.9\nMaven home: ${join(home, "maven")}\nJava version: 21`);
  await install(
    "unzip",
    "<project><repositories><repository><url>https://built-in.example.com/maven2</url></repository></repositories></project>",
  );
  for (const folder of [join(home, "maven", "conf"), join(home, "maven", "lib"), join(home, ".m2")])
    await mkdir(folder, { recursive: true });
  await writeFile(join(home, "maven", "lib", "maven-model-builder-3.9.9.jar"), "");
  const releases =
    "<profiles><profile><repositories><repository><url>https://repo.example.com/releases</url></repository></repositories></profile></profiles>";
  const blocked =
    "<mirrors><mirror><mirrorOf>external:http:*</mirrorOf><url>http://0.0.0.0/</url><blocked>true</blocked></mirror></mirrors>";
  await writeFile(
    join(home, "maven", "conf", "settings.xml"),
    `<settings>${blocked}<!-- <mirror><mirrorOf>*</mirrorOf><url>https://no.example.com</url></mirror> -->${own}</settings>`,
  );
  await writeFile(join(home, ".m2", "settings.xml"), `<settings>${releases}${user}</settings>`);
  process.env["HOME"] = home;
}

test.each([
  ["nothing is configured", "", ["https://repo.example.com/releases", "https://built-in.example.com/maven2"]],
  [
    "a mirror stands for all",
    "<mirror><mirrorOf>*,!corp</mirrorOf><url>https://all.example.com/</url></mirror>",
    ["https://all.example.com/"],
  ],
  [
    "a value is a placeholder",
    "<mirror><mirrorOf>x</mirrorOf><url>https://${env.HOST}/</url></mirror>",
    ["https://repo.example.com/releases", "https://built-in.example.com/maven2"],
  ],
])("Maven's repositories are those of its settings, and the built-in one unless it is mirrored: %s", async (_when, user, expected) => {
  await installMaven("", user);
  expect((await readRegistries())["maven"]).toEqual(expected);
});

test("each package manager's own configuration is asked, and credentials in a URL stay behind", async () => {
  await install(
    "npm",
    JSON.stringify({
      registry: "https://u:p@mirror.example.com/npm/",
      "@scope:registry": "https://scope.example.com/",
      cache: "https://not-a-registry.example.com/",
    }),
  );
  await install("go", "https://goproxy.example.com,direct\nsum.example.com");
  await install("apt-get", "http://deb.example.com/debian/\nhttp://deb.example.com/debian/");
  await install("gem", "https://gems.example.com/");
  await install(
    "composer",
    "[repositories.packages.example.org.type] composer\n[repositories.packages.example.org.url] https?://packages.example.org\n[home] https://not-a-registry.example.com",
  );
  await install("dotnet", "E https://nuget.example.com/v3/index.json\nD https://off.example.com/v3/index.json");
  await install(
    "python3",
    "global.extra-index-url='https://extra.example.com/simple'\nglobal.index-url='https://pypi.example.com/simple'\nglobal.cert='https://no.example.com'",
  );
  process.env["CARGO_HOME"] = home;
  await writeFile(
    join(home, "config.toml"),
    '[source.crates-io]\nreplace-with = "m"\n[source.m]\nregistry = "sparse+https://127.0.0.1:9/index/"\n',
  );
  process.env["GITHUB_SERVER_URL"] = "https://github.example.com";
  await installMaven("<mirrors><mirror><mirrorOf>central</mirrorOf><url>https://u:p@own.example.com/m2</url></mirror></mirrors>");
  expect(await readRegistries()).toEqual({
    npm: ["https://mirror.example.com/npm/", "https://scope.example.com/"],
    pypi: ["https://pypi.example.com/simple", "https://extra.example.com/simple"],
    go: ["https://goproxy.example.com/", "https://sum.example.com/"],
    cargo: ["https://127.0.0.1:9/index/"],
    rubygems: ["https://gems.example.com/"],
    apt: ["http://deb.example.com/debian/"],
    maven: ["https://own.example.com/m2", "https://repo.example.com/releases"],
    composer: ["https://packages.example.org/"],
    nuget: ["https://nuget.example.com/v3/index.json"],
    github: ["https://github.example.com"],
  });
});

test("the registry that is asked by default stands first, whatever the order of the configuration", async () => {
  await install("npm", JSON.stringify({ "@scope:registry": "https://scope.example.com/", registry: "https://mirror.example.com/" }));
  await install("python3", "global.extra-index-url='https://extra.example.com/simple'\nglobal.index-url='https://pypi.example.com/simple'");
  expect(await readRegistries()).toMatchObject({
    npm: ["https://mirror.example.com/", "https://scope.example.com/"],
    pypi: ["https://pypi.example.com/simple", "https://extra.example.com/simple"],
  });
});

test("I11: no package manager is run in the directory of a repository", async () => {
  await install("npm", JSON.stringify({ registry: "https://mirror.example.com/" }));
  await readRegistries();
  const { readFile } = await import("node:fs/promises");
  const where = (await readFile(join(home, "where"), "utf8")).trim().split("\n");
  expect(where.every((directory) => directory.includes("airlock-registries-") && directory !== process.cwd())).toBe(true);
});

test("what is not installed or answers nonsense is left out", async () => {
  await install("npm", "{ broken");
  await install("go", "off\noff");
  process.env["PATH"] = join(home, "bin");
  process.env["CARGO_HOME"] = home;
  delete process.env["GITHUB_SERVER_URL"];
  expect(await readRegistries()).toMatchObject({ npm: [], go: [], pypi: [], github: [] });
});
