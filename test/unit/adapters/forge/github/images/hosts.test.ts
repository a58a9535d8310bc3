import { describe, expect, test } from "vitest";
import { openImageHosts } from "../../../../../../src/adapters/forge/github/images/hosts.ts";

const ID = "01234567-89ab-4cde-8f01-23456789abcd";

describe("I4: only attachments on GitHub's own hosts", () => {
  const github = openImageHosts("https://github.com");
  test.each([
    [`https://github.com/user-attachments/assets/${ID}`, true],
    [`https://github.com/acme/rocket/assets/123/${ID}`, true],
    [`https://private-user-images.githubusercontent.com/1/2-${ID}.png?jwt=x`, true],
    ["https://user-images.githubusercontent.com/1/2.png", true],
    [`http://github.com/user-attachments/assets/${ID}`, false],
    [`https://github.com:8443/user-attachments/assets/${ID}`, false],
    [`https://me:pw@github.com/user-attachments/assets/${ID}`, false],
    [`https://github.com.evil.example/user-attachments/assets/${ID}`, false],
    [`https://github.com@evil.example/user-attachments/assets/${ID}`, false],
    ["https://github.com/acme/rocket/raw/main/a.png", false],
    ["https://github.com/user-attachments/assets/../../login", false],
    ["https://raw.githubusercontent.com/eve/x/main/a.png", false],
    ["https://camo.githubusercontent.com/abc/def", false],
    ["https://user-images.githubusercontent.com:8080/1/2.png", false],
    ["https://169.254.169.254/latest/meta-data", false],
    ["https://evil.s3.amazonaws.com/x.png", false],
    ["data:image/png;base64,AAAA", false],
    ["file:///etc/passwd", false],
  ])("%s: %s", (address, expected) => {
    expect(github.isAttachment(new URL(address))).toBe(expected);
  });

  test("an Enterprise Server has its own, and github.com is none of them", () => {
    const hosts = openImageHosts("https://git.acme.example");
    const judge = (address: string) => hosts.isAttachment(new URL(address));
    expect(judge(`https://git.acme.example/user-attachments/assets/${ID}`)).toBe(true);
    expect(judge("https://media.git.acme.example/user/1/files/x?token=y")).toBe(true);
    expect(judge(`https://github.com/user-attachments/assets/${ID}`)).toBe(false);
    expect(judge(`http://git.acme.example/user-attachments/assets/${ID}`)).toBe(false);
  });
});
