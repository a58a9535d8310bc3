import { describe, expect, test } from "vitest";
import { Secret } from "../../../../src/domain/secret.ts";
import { openRedactor } from "../../../../src/domain/secrets/redact.ts";

const TOKEN = new Secret("Zq7hT2vLx9RkW4mNc8Pf", "token");

describe("the redactor", () => {
  test("puts the name of the secret in its place", () => {
    const redact = openRedactor([TOKEN, new Secret("pässwörd-grün-9", "password")]);
    expect(redact(`a ${TOKEN.reveal()}, b pässwörd-grün-9.`)).toBe("a <redacted:token>, b <redacted:password>.");
  });

  test("takes base64 out whole at every alignment", () => {
    const redact = openRedactor([TOKEN]);
    for (const before of ["", "u", "us", "user:"]) {
      const redacted = redact(`Basic ${Buffer.from(before + TOKEN.reveal()).toString("base64")}`);
      expect(redacted).toMatch(/^Basic [A-Za-z0-9+/]{0,7}<redacted:token>=*$/);
    }
  });

  test("leaves values alone that are as short as words", () => {
    expect(openRedactor([new Secret("main", "branch"), new Secret("sevench", "short")])("main sevench")).toBe("main sevench");
  });

  test("makes one place of secrets that overlap", () => {
    const redact = openRedactor([
      new Secret("abcdefgh-1234", "one"),
      new Secret("1234-ijklmnop", "two"),
      new Secret("cdefgh-12", "inside"),
    ]);
    expect(redact("<abcdefgh-1234-ijklmnop>")).toBe("<<redacted:one>>");
  });

  test("leaves a text alone where there is no secret", () => {
    expect(openRedactor([])("anything")).toBe("anything");
    expect(openRedactor([TOKEN])("Zq7hT2vLx9RkW4mNc8P")).toBe("Zq7hT2vLx9RkW4mNc8P");
  });
});
