import { describe, expect, test } from "vitest";
import { type BoundaryAttempt, judgeBoundary } from "../../../../src/domain/sandbox/boundary-proof.ts";

const closed = (name: string): BoundaryAttempt => ({ name, result: "closed", detail: "ENETUNREACH" });
const CLOSED = ["tcp 203.0.113.7:443", "udp", "dns example.com", "ipv6", "metadata:169.254.169.254", "denied-host"].map(closed);
const OPEN: BoundaryAttempt = { name: "gateway", result: "open", detail: "200" };
const WHOLE = [...CLOSED, OPEN];

describe("I3, N6: the proof of the boundary", () => {
  test("I3: the proof of the boundary holds when every way out was tried and closed, and the gateway answered", () => {
    expect(judgeBoundary(WHOLE)).toEqual({ proved: true, failures: [] });
  });

  test.each(WHOLE.map(({ name }) => name))("I3: does not hold when `%s` was not tried", (name) => {
    const kind = name.split(/[ :]/)[0];
    expect(judgeBoundary(WHOLE.filter((attempt) => attempt.name !== name))).toEqual({ proved: false, failures: [`${kind}: not tried`] });
  });

  test.each(["open", "unknown"] as const)("I3: the proof of the boundary does not hold when one attempt of several was %s", (result) => {
    const wrong: BoundaryAttempt = { name: "tcp 198.51.100.1:80", result, detail: "200" };
    expect(judgeBoundary([...WHOLE, wrong])).toEqual({ proved: false, failures: [`tcp 198.51.100.1:80: ${result} (200)`] });
  });

  test("I3: the proof of the boundary does not hold when the gateway did not answer", () => {
    const failures = judgeBoundary([...CLOSED, { ...OPEN, result: "closed", detail: "refused" }]).failures;
    expect(failures).toEqual(["gateway: closed (refused)"]);
  });

  test("I3: a name that only begins like one that must be tried does not stand for it", () => {
    expect(judgeBoundary([...WHOLE.slice(1), closed("tcpdump")]).failures).toEqual(["tcp: not tried"]);
    expect(judgeBoundary([...CLOSED, { ...OPEN, name: "gateway-of-mine" }]).proved).toBe(false);
  });
});
