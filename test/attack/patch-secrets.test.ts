import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, openBench } from "../support/forge/bare-repository.ts";
import { entry } from "../support/forge/work-tree.ts";

const KEY = "sk-ant-api03-Zq7hT2vLx9RkW4mNc8PfYd3sGj6BuEa1-QoXiV5tKyHbMnCwDzUr_gAeS0lJpF";
const OLD = "fT9-kQ2wLr8XzV5bNm3HsJ7pYd4GcA6u";

describe("I14: no part of a publication carries a secret", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await openBench({ "a.txt": "a\n", "config.env": `KEY=${OLD}\nX=1\n`, "fixture.pem": pem(), "deep/dir/x": "1\n" });
  });
  afterAll(() => bench[Symbol.asyncDispose]());

  const secrets = [KEY, OLD];
  const judge = async (...entries: Parameters<typeof entry>[]) =>
    bench.judge(await bench.readPatch(entries.map((args) => entry(...args))), { secrets });

  test("S3: the gate holds a file that carries the run's own value, and reports it without the value", async () => {
    for (const content of [KEY, Buffer.from(KEY).toString("base64"), KEY.slice(20), Array.from(KEY).reverse().join(""), gzipSync(KEY)]) {
      const verdict = await judge(["notes/log.txt", "100644", content]);
      expect(verdict.decision).toBe("hold");
      expect(verdict.findings[0]).toMatchObject({ code: "secret", severity: "refuse", path: "notes/log.txt" });
      expect(JSON.stringify(verdict)).not.toContain(KEY.slice(20, 32));
    }
  });

  test("S3: the gate holds a value in a name, a link's target and an executable", async () => {
    expect(await judge([`out/${KEY}.txt`, "100644", "x"])).toMatchObject({ decision: "hold" });
    const link = await judge(["l", "120000", `x/${KEY}`]);
    expect(link.findings.map(({ code }) => code)).toContain("secret");
    expect(
      (await judge(["tool", "100755", Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0]), Buffer.from(KEY, "utf16le")])]))
        .findings[0]?.code,
    ).toBe("secret");
  });

  test("S3: the gate holds a value that is spread over a file's new and old lines", async () => {
    const verdict = await judge(["a.txt", "100644", `a\n${KEY.slice(0, 40)}\n${KEY.slice(40)}\n`]);
    expect(verdict.decision).toBe("hold");
  });

  test("S3: the gate holds every text beside the patch", async () => {
    const patch = await bench.readPatch([entry("a.txt", "100644", "b\n")]);
    for (const name of ["title", "body", "commit message", "comment", "branch"]) {
      const verdict = await bench.judge(patch, { secrets, texts: { [name]: `see ${Buffer.from(KEY).toString("hex")}` } });
      expect(verdict.decision).toBe("hold");
      expect(verdict.findings[0]).toMatchObject({ code: "secret", reason: expect.stringContaining(`The ${name} carries`) });
      expect(JSON.stringify(verdict)).not.toContain(KEY.slice(13, 25));
    }
    expect(await bench.judge(patch, { secrets, texts: { title: "Correct the parser", body: "" } })).toMatchObject({
      decision: "publish",
      findings: [],
    });
    const nothing = await bench.readPatch([]);
    expect((await bench.judge(nothing, { secrets, texts: { comment: KEY } })).decision).toBe("hold");
  });

  test("the gate lets a value pass that the base holds already, and holds a second copy", async () => {
    expect((await judge(["config.env", "100644", `KEY=${OLD}\nX=2\n`])).decision).toBe("publish");
    expect((await judge(["fixture.pem", "100644", `${pem()}# renewed\n`])).decision).toBe("publish");
    expect((await judge(["config.env", "100644", `KEY=${OLD}\nX=1\nY=${OLD}\n`])).decision).toBe("hold");
    expect((await judge(["other.env", "100644", `KEY=${OLD}\n`])).decision).toBe("hold");
    expect((await judge(["other.pem", "100644", pem()])).decision).toBe("hold");
  });

  test("the gate holds a patch that packs more than can be searched", async () => {
    const bombs = Array.from({ length: 40 }, (_, index) => gzipSync(Buffer.alloc(4_000_000, index)).toString("base64")).join("\n\n.\n");
    const verdict = await judge(["data.txt", "100644", bombs]);
    expect(verdict.decision).toBe("hold");
    expect(verdict.findings.map(({ code }) => code)).toContain("unsearched");
  });
});

/** Looks like a key, made of nothing. */
function pem(): string {
  const body = Buffer.from(Array.from({ length: 600 }, (_, index) => (index * 151 + 7) % 256)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${body.replace(/(.{64})/g, "$1\n")}\n-----END PRIVATE KEY-----\n`;
}
