/**
 * Host keys in SURT form (Sort-friendly URI Reordering Transform, as web archives use it): the labels of the host reversed and
 * joined by commas, so that a site and its sub-domains lie side by side in a sorted table: `org,example,www`.
 */

/** The host that a key was made of: `www.example.org:8080` of `org,example,www:8080`. */
export function hostOfKey(key: string): string {
  const [, labels = "", port = ""] = /^(.*?)(:\d+)?$/.exec(key) ?? [];
  const isAddress = labels.startsWith("[") || !labels.includes(",");
  return (isAddress ? labels : labels.split(",").reverse().join(".")).replaceAll("%2C", ",") + port;
}

/**
 * The host key of a URL: host in lower case, IDN as punycode, no trailing dot, default port dropped, another port kept as
 * `:8080` behind the labels. IP addresses are not reversed. Empty where the text is not an absolute URL with a host.
 */
export function hostKey(url: string): string {
  const parsed = parseUrl(url);
  if (parsed === undefined || parsed.hostname === "") return "";
  // A host may hold a comma, and must not pass for the labels of another.
  const host = parsed.hostname.replace(/\.+$/, "").replaceAll(",", "%2C");
  const port = parsed.port === "" ? "" : `:${parsed.port}`;
  const address = host.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(host);
  return (address ? host : host.split(".").reverse().join(",")) + port;
}

/**
 * The URL that a text spells, against `base` where it is relative; undefined where it spells none. In place of URL.canParse, which in Node 20 refuses addresses with
 * characters of Latin-1 once the compiler has optimised its caller.
 */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
