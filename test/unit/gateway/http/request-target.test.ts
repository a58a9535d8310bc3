import { describe, expect, test } from "vitest";
import { isOriginForm, parseAbsolute, parseAuthority, parseHostLine } from "../../../../src/gateway/http/request-target.ts";

describe("The target of a request", () => {
  test.each([
    ["example.com:443", { host: "example.com", port: 443 }],
    ["EXAMPLE.com:8443", { host: "example.com", port: 8443 }],
    ["[2001:DB8::1]:443", { host: "2001:db8::1", port: 443 }],
  ])("%s names one host and one port", (text, expected) => {
    expect(parseAuthority(text)).toEqual(expected);
  });

  test.each([
    "example.com",
    "example.com:",
    "example.com:0443",
    "example.com:65536",
    "user@example.com:443",
    "example.com:443/",
    "example.com :443",
    "exa\u200bmple.com:443",
    "http://example.com:443",
    "[::1:443",
  ])("I4: %j names none", (text) => {
    expect(parseAuthority(text)).toBeUndefined();
  });

  test("an absolute target is split into its host and what is sent on", () => {
    expect(parseAbsolute("HTTP://Example.com?x=1")).toEqual({ host: "example.com", port: 80, originForm: "/?x=1" });
    expect(parseAbsolute("http://example.com:8080/a%2Fb")).toEqual({ host: "example.com", port: 8080, originForm: "/a%2Fb" });
  });

  test.each(["https://example.com/", "http://a@example.com/", "http://example.com/#x", "http://example.com\\@evil.com/", "/x"])(
    "I4: %j is no absolute target",
    (text) => {
      expect(parseAbsolute(text)).toBeUndefined();
    },
  );

  test("a Host line has a port only where it says one", () => {
    expect(parseHostLine("example.com")).toEqual({ host: "example.com", port: undefined });
    expect(parseHostLine("example.com:80")).toEqual({ host: "example.com", port: 80 });
    expect(parseHostLine("example.com, evil.com")).toBeUndefined();
  });

  test.each([
    ["/", true],
    ["/a?b=c%23", true],
    ["/a#b", false],
    ["a", false],
    ["/a b", false],
    ["/ä", false],
  ])("%j is a path to send on: %s", (text, expected) => {
    expect(isOriginForm(text)).toBe(expected);
  });
});
