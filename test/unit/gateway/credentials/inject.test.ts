import { describe, expect, test } from "vitest";
import { Secret } from "../../../../src/domain/secret.ts";
import { type InjectionRequest, openInjector } from "../../../../src/gateway/credentials/inject.ts";
import type { InjectionRule } from "../../../../src/ports/gateway.ts";

const RULE: InjectionRule = {
  host: "API.example.com",
  header: "Authorization",
  methods: ["GET"],
  paths: ["/v1/**"],
  surrogate: "surrogate-0001",
  value: new Secret("real-value-0001", "TOKEN"),
};
const ASK: InjectionRequest = { host: "api.example.com", method: "GET", path: "/v1/x", query: "", headers: [] };

function inject(given: Partial<InjectionRequest>, rule: Partial<InjectionRule> = {}): string {
  const answer = openInjector([{ ...RULE, ...rule }]).request({ ...ASK, ...given });
  return "refused" in answer ? answer.reason : answer.map(([name, value]) => `${name}: ${value}`).join("\n");
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

describe("A declared secret, put into a request", () => {
  test.each([
    ["alone", "surrogate-0001", "real-value-0001"],
    ["behind a scheme", "Bearer surrogate-0001", "Bearer real-value-0001"],
    ["as a password", basic("user:surrogate-0001"), basic("user:real-value-0001")],
    ["as a user without a password", basic("surrogate-0001:"), basic("real-value-0001:")],
  ])("I5: the surrogate becomes the value where it stands %s", (_where, given, sent) => {
    expect(inject({ headers: [["authorization", given]] })).toBe(`authorization: ${sent}\naccept-encoding: identity`);
  });

  test.each([
    ["another method", { method: "POST" }],
    ["another path", { path: "/v2/x" }],
  ])("I5: %s gets no value", (_what, given) => {
    expect(inject({ ...given, headers: [["authorization", "surrogate-0001"]] })).toBe("foreign-credential");
  });

  test.each<[string, InjectionRequest["headers"]]>([
    [
      "in two lines",
      [
        ["authorization", "surrogate-0001"],
        ["authorization", "surrogate-0001"],
      ],
    ],
    ["in a line that a careless server reads as another", [["x_api_key", "mine"]]],
    ["among other words", [["authorization", "Bearer surrogate-0001 mine"]]],
    ["in a scheme of signs", [["authorization", "B/earer surrogate-0001"]]],
  ])("I5: a credential %s is refused", (_how, headers) => {
    expect(inject({ headers })).toBe("foreign-credential");
  });

  test.each(["?access_token=x", "?a=1&%61pi_key=x", "?X-Amz-Signature=x"])("I5: a credential in the query %s is refused", (query) => {
    expect(inject({ query })).toBe("foreign-credential");
  });

  test("I5: what could carry a value past the scrubber is left out, and the answer is asked for uncompressed", () => {
    const headers = [
      ["cookie", "a=b"],
      ["accept-encoding", "br"],
      ["range", "bytes=1-"],
      ["x-own", "kept"],
    ] as const;
    expect(inject({ headers })).toBe("x-own: kept\naccept-encoding: identity");
  });

  test("I5: a host is covered by its one canonical name, and no other is", () => {
    const injector = openInjector([RULE]);
    expect(["api.example.com", "example.com", "x.api.example.com"].map((host) => injector.covers(host))).toEqual([true, false, false]);
  });

  test.each([
    ["a wildcard for a host", { host: "*.example.com" }],
    ["a value of two lines", { value: new Secret("one\ntwo", "TOKEN") }],
    ["a surrogate that is too short", { surrogate: "short" }],
    ["a path that is none", { paths: ["/../x"] }],
  ])("a rule with %s is an error before anything is sent", (_what, rule) => {
    expect(() => inject({}, rule)).toThrow(expect.objectContaining({ code: "input.invalid" }));
  });
});
