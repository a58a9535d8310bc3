import { Buffer } from "node:buffer";
import type { Transform } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Secret } from "../../../../src/domain/secret.ts";
import { listSpellings } from "../../../../src/domain/secrets/spellings.ts";
import { openResponseScrubber } from "../../../../src/gateway/credentials/scrub.ts";
import { rounds } from "../../../support/fuzz.ts";

const SECRETS = [new Secret("real-secret-9c1d/7+a", "one"), new Secret("7+a-other-tail-55", "two")];

/** What has come out of a stream so far. */
function drain(stream: Transform): Buffer {
  return (stream.read() as Buffer | null) ?? Buffer.alloc(0);
}

describe("the scrubber of responses", () => {
  test("masks a secret however the response is cut", () => {
    const scrubber = openResponseScrubber(SECRETS);
    const forms = SECRETS.flatMap((secret) => listSpellings(secret.reveal())).map(({ bytes }) => bytes);
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
      fc.constantFrom(...forms),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (parts, cuts) => {
        const whole = Buffer.concat(parts);
        const stream = scrubber.stream();
        const out: Buffer[] = [];
        for (let at = 0, turn = 0; at < whole.length; turn += 1) {
          const next = at + (cuts[turn % cuts.length] ?? 1);
          stream.write(whole.subarray(at, next));
          out.push(drain(stream));
          at = next;
        }
        stream.end();
        out.push(drain(stream));
        // Cut or not, the same bytes are masked.
        expect(Buffer.concat(out)).toEqual(Buffer.from(scrubber.text(whole.toString("latin1")), "latin1"));
      }),
      { numRuns: rounds(300) },
    );
  });

  test("masks two secrets that overlap across a cut", () => {
    const stream = openResponseScrubber(SECRETS).stream();
    stream.write("<real-secret-9c1d/7+a");
    stream.write("-other-tail-55>");
    stream.end();
    expect(drain(stream).toString()).toBe(`<${"*".repeat(34)}>`);
  });

  test("keeps nothing back that cannot be the beginning of a secret", () => {
    const stream = openResponseScrubber(SECRETS).stream();
    stream.write("data: 1\n\n");
    expect(drain(stream).toString()).toBe("data: 1\n\n");
    stream.write("data: real-sec");
    expect(drain(stream).toString()).toBe("data: ");
    stream.write("ond\n\n");
    expect(drain(stream).toString()).toBe("real-second\n\n");
  });

  test("leaves short values alone where they stand by chance in an encoding", () => {
    expect(openResponseScrubber([new Secret("ab", "short")]).text("ab 6162 YWI= cab")).toBe("** 6162 YWI= c**");
  });
});
