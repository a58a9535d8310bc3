import { describe, expect, test } from "vitest";
import { readE2bEndpoints } from "../../../../../src/adapters/sandbox/e2b/endpoints.ts";
import { openE2bProvider } from "../../../../../src/adapters/sandbox/e2b/provider.ts";

describe("The addresses of E2B", () => {
  test("are E2B's own unless the environment names others", () => {
    expect(readE2bEndpoints({})).toEqual({ apiUrl: undefined, sandboxUrl: undefined, tunnelUrl: undefined, domain: "e2b.app" });
    expect(readE2bEndpoints({ E2B_API_URL: "https://api.example/e2b/", E2B_DOMAIN: "e2b.example" })).toMatchObject({
      apiUrl: "https://api.example/e2b",
      domain: "e2b.example",
    });
    expect(readE2bEndpoints({ AIRLOCK_E2B_TUNNEL_URL: "ws://127.0.0.1:9/" })).toMatchObject({ tunnelUrl: "ws://127.0.0.1:9" });
    expect(readE2bEndpoints({ AIRLOCK_E2B_TUNNEL_URL: "wss://tunnel.example" })).toMatchObject({ tunnelUrl: "wss://tunnel.example" });
  });

  test.each([
    ["E2B_API_URL", "http://api.example"],
    ["E2B_API_URL", "https://key@api.example"],
    ["E2B_SANDBOX_URL", "ftp://127.0.0.1"],
    ["E2B_SANDBOX_URL", "https://api.example/?key=x"],
    ["AIRLOCK_E2B_TUNNEL_URL", "ws://tunnel.example"],
    ["AIRLOCK_E2B_TUNNEL_URL", "http://127.0.0.1:9"],
    ["E2B_DOMAIN", "e2b.app/../x"],
  ])("I5: are refused in %s when the key could leave in the clear or elsewhere: %s", (name, value) => {
    expect(() => readE2bEndpoints({ [name]: value })).toThrow(
      expect.objectContaining({ code: "input.invalid", message: expect.stringContaining(name) }),
    );
  });

  test("are not asked without a key: the error names the input", () => {
    const options = { apiKey: undefined, guestFile: "/x", nodeBinary: "/x", env: {} };
    expect(() => openE2bProvider(options)).toThrow(
      expect.objectContaining({ code: "input.missing", message: expect.stringContaining("`e2b-api-key`") }),
    );
  });
});
