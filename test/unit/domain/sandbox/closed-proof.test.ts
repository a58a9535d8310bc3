import { describe, expect, test } from "vitest";
import { type BoundaryAttempt, judgeBoundary, judgeClosed } from "../../../../src/domain/sandbox/boundary-proof.ts";

const WAYS = [
  "tcp 1.1.1.1:443",
  "udp 1.1.1.1:443",
  "dns udp 1.1.1.1:53",
  "ipv6 ::1:443",
  "metadata 169.254.169.254:80",
  "denied-host x.invalid",
];

function attempts(gateway: BoundaryAttempt["result"]): readonly BoundaryAttempt[] {
  return [
    ...WAYS.map((name) => ({ name, result: "closed" as const, detail: "refused" })),
    { name: "gateway", result: gateway, detail: "met" },
  ];
}

const JUDGES = [
  { judge: judgeBoundary, title: "I3: a boundary is proved", gateway: "open", others: ["closed", "unknown"] },
  { judge: judgeClosed, title: "I3, I21: a closed sandbox is proved", gateway: "closed", others: ["open", "unknown"] },
] as const;

describe.each(JUDGES)("$title", ({ judge, gateway, others }) => {
  test(`when every way out is closed and the gateway is ${gateway}`, () => {
    expect(judge(attempts(gateway))).toEqual({ proved: true, failures: [] });
  });

  test("and not with any other answer of the gateway", () => {
    for (const other of others) expect(judge(attempts(other))).toEqual({ proved: false, failures: [`gateway: ${other} (met)`] });
  });

  test("and not when any way out is open, unknown or was not tried", () => {
    for (const [at, name] of WAYS.entries()) {
      for (const result of ["open", "unknown"] as const) {
        const wrong = attempts(gateway).with(at, { name, result, detail: "met" });
        expect(judge(wrong)).toEqual({ proved: false, failures: [`${name}: ${result} (met)`] });
      }
      expect(judge(attempts(gateway).toSpliced(at, 1))).toEqual({ proved: false, failures: [`${name.split(" ")[0]}: not tried`] });
    }
    expect(judge(attempts(gateway).slice(0, -1))).toEqual({ proved: false, failures: ["gateway: not tried"] });
    expect(judge([]).proved).toBe(false);
  });
});
