import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readFirstBytes } from "../../../../src/gateway/http/client-hello.ts";
import { buildClientHello } from "../../../support/egress/client-hello.ts";
import { rounds } from "../../../support/fuzz.ts";

const RUNS = { numRuns: rounds(3000) } as const;

test("I4: a ClientHello with any byte changed is refused, waited for, or still names its one host", () => {
  const good = buildClientHello({ serverNames: ["example.com"], ech: true });
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, value, cut) => {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      const first = readFirstBytes(bytes.subarray(0, cut));
      if (first?.kind === "hello" && first.serverName !== undefined)
        expect(first.serverName).toMatch(/^[a-z0-9_][a-z0-9_.-]{0,251}[a-z0-9_]$/);
      if (cut < good.length && first?.kind === "hello") expect(at).toBeLessThan(9);
    }),
    RUNS,
  );
});

test("I4: random bytes are no ClientHello", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(readFirstBytes(Buffer.from([0x16, 3, 1, ...bytes]))?.kind).not.toBe("hello");
    }),
    RUNS,
  );
});
