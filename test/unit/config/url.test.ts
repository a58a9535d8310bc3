import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseServiceUrl } from "../../../src/config/url.ts";

describe("The URL of a service", () => {
  test.each([
    ["https://api.example", "https://api.example"],
    ["https://API.Example:8443/v1/", "https://api.example:8443/v1"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://github.localhost:4001", "http://github.localhost:4001"],
    ["http://127.1.2.3/", "http://127.1.2.3"],
    ["http://[::1]:9", "http://[::1]:9"],
    ["http://2130706433", "http://127.0.0.1"],
  ])("%s is read as %s", (text, url) => {
    expect(parseServiceUrl(text)).toBe(url);
  });

  test.each([
    "",
    "api.example",
    "//api.example",
    "http://api.example",
    "http://localhost.example",
    "http://127.0.0.1.example",
    "http://xlocalhost",
    "http://10.0.0.1",
    "http://[::ffff:8.8.8.8]",
    "https://user@api.example",
    "https://:pass@api.example",
    "https://api.example/?a=1",
    "https://api.example/#a",
    "https://api.exa mple",
    "https:\\\\api.example",
    "ftp://localhost",
    "javascript:alert(1)",
    "unix:/run/docker.sock",
  ])("%s is none", (text) => {
    expect(parseServiceUrl(text)).toBeUndefined();
  });

  test("is never plain http to another machine, whatever the text", () => {
    const texts = fc.oneof(
      fc.webUrl({ validSchemes: ["http", "https"], withQueryParameters: true }),
      fc.string(),
      fc.ipV4().map((ip) => `http://${ip}/`),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const url = parseServiceUrl(text);
        if (url?.startsWith("http://")) expect(new URL(url).hostname).toMatch(/^(127\.|\[::1\]$|(.*\.)?localhost$)/);
      }),
    );
  });
});
