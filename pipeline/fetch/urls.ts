/** URLs as they are asked for, and the host that one request at a time holds for. */

/** No fragment, no credentials. Undefined where it is no http or https URL. */
export function askable(url: URL): string | undefined {
  if ((url.protocol !== "http:" && url.protocol !== "https:") || url.hostname === "") return undefined;
  url.hash = "";
  url.username = "";
  url.password = "";
  return url.href;
}

/** Scheme and port do not count: two services of one host share its patience. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/\.$/, "");
}
