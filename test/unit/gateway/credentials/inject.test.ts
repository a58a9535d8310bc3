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
      ["accept", "kept"],
    ] as const;
    expect(inject({ headers })).toBe("accept: kept\naccept-encoding: identity");
  });

  test.each(
    `X-Vault-Token Circle-Token X-Functions-Key X-RapidAPI-Key X-Figma-Token PRIVATE-TOKEN Job-Token X-Auth-Key X-Api-Secret X-Access-Token
    X-JFrog-Art-Api X-Consul-Token X-Shopify-Storefront-Access-Token X-Jwt-Assertion X-Session-Id X-Amz-Security-Token Ocp-Apim-Subscription-Key
    X-Auth X-Password X-User-Pass X-Signature X-Hub-Signature Api-Key ApiKey Auth-Token Access-Key X_Vault_Token Sec-Token Php-Auth-Pw
    X-Webhook-Secret X-Debug X-Unheard-Of Accept_ X.Accept Accept.Language X-Stainless_Auth Session Proxy-Auth X-Remote-User X-Forwarded-User`.split(
      /\s+/,
    ),
  )("I5: nothing of the header %s passes", (name) => {
    expect(inject({ headers: [[name, "attacker"]] })).toMatch(/^(?:foreign-credential|accept-encoding: identity)$/);
  });

  test.each(["X-Vault-Token", "X-Functions-Key", "X-Auth", "X-Password", "X-Session-Id", "X-Hub-Signature"])(
    "a header that is named like a credential is refused, so that the agent learns of it: %s",
    (name) => {
      expect(inject({ headers: [[name, "attacker"]] })).toBe("foreign-credential");
    },
  );

  test.each(
    `X-Goog-Signature=x&X-Goog-Credential=x AWSAccessKeyId=x&Signature=x se=x&sp=x&sig=x sig=x subscription-key=x circle-token=x api_token=x password=x
    code=x apikey=x auth=x sid=x session=x jwt=x access%5ftoken=x %2561ccess_token=x q=1;token=x filter[token]=x [token]=x =x AKIAEXAMPLE
    page=1&&secret=x x-api-key=x oauth_signature=x ticket=x SAMLResponse=x`.split(/\s+/),
  )("I5: a query %s is refused", (query) => {
    expect(inject({ query: `?${query}` })).toBe("foreign-credential");
  });

  test.each(
    `service=git-upload-pack text=x&size=20&from=0 q=serde&per_page=10 write=true page=2&perPage=100&order_by=id q=a%26token%3Db filter[status]=open
    ids[]=1&ids[]=2 go-get=1 $top=5&$filter=x api-version=7.0 ref=main&path=src startAt=0&maxResults=50 digest=sha256:0&mount=a semVerLevel=2.0.0`.split(
      /\s+/,
    ),
  )("an ordinary query %s passes", (query) => {
    expect(inject({ query: `?${query}`, headers: [["accept", "x"]] })).toBe("accept: x\naccept-encoding: identity");
  });

  test("what the file lets pass passes, in any spelling, and to this host only", () => {
    const passes = ["X-Project-Id", "jql"];
    const headers = [["x-project-id", "7"]] as const;
    expect(inject({ query: "?jql=project", headers }, { passes })).toBe("x-project-id: 7\naccept-encoding: identity");
    const injector = openInjector([
      { ...RULE, passes },
      { ...RULE, host: "other.example.com" },
    ]);
    expect(injector.request({ ...ASK, host: "other.example.com", query: "?jql=x" })).toMatchObject({ reason: "foreign-credential" });
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
