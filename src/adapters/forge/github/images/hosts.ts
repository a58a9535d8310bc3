/**
 * Where GitHub keeps what people attach to a text, and where it redirects a reader to. Only places whose content cannot change after the
 * upload: no raw files, no proxied pages (I9).
 */
export interface ImageHosts {
  /** True for an address that may be in a text and is fetched. */
  isAttachment(address: URL): boolean;
  /** True for an address that an attachment may redirect to. */
  isTarget(address: URL): boolean;
}

/** Hosts of github.com that serve nothing but attachments. */
const STORES = new Set(["user-images.githubusercontent.com", "private-user-images.githubusercontent.com"]);
/** The bucket behind `/user-attachments/` of public repositories, as its redirects name it. */
const BUCKET = "github-production-user-asset-6210df.s3.amazonaws.com";
const ATTACHMENT_PATH = /^\/(?:user-attachments\/assets\/[0-9a-f-]{36}|[\w.-]{1,100}\/[\w.-]{1,100}\/assets\/\d{1,20}\/[0-9a-f-]{36})$/;
const SERVER_PATH = /^\/(?:user-attachments\/assets\/[0-9a-f-]{36}|storage\/user\/\d{1,20}\/files\/[0-9a-f-]{36})$/;

/** `serverUrl` as the runner gives it; plain http only if the server itself is on loopback, which the forge checked. */
export function openImageHosts(serverUrl: string): ImageHosts {
  const server = new URL(serverUrl);
  if (server.hostname === "github.com") {
    const isStore = (address: URL): boolean => isPlain(address, "https:") && STORES.has(address.hostname);
    return {
      isAttachment: (address) => isStore(address) || (isAt(address, server) && ATTACHMENT_PATH.test(address.pathname)),
      isTarget: (address) => isStore(address) || (isPlain(address, "https:") && address.hostname === BUCKET),
    };
  }
  const media = `media.${server.hostname}`;
  const isMedia = (address: URL): boolean => isPlain(address, "https:") && address.hostname === media;
  const isStored = (address: URL): boolean => isMedia(address) || (isAt(address, server) && SERVER_PATH.test(address.pathname));
  return { isAttachment: isStored, isTarget: isStored };
}

function isAt(address: URL, server: URL): boolean {
  return address.origin === server.origin && address.username === "" && address.password === "";
}

/** The scheme's usual port, and no user before the host. */
function isPlain(address: URL, protocol: string): boolean {
  return address.protocol === protocol && address.port === "" && address.username === "" && address.password === "";
}

/** The id that an attachment has in every form of its address. */
export function attachmentId(address: URL): string | undefined {
  return /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(address.pathname)?.[0];
}
