/**
 * What an owner asked about: a host with its sub-domains, a host alone, or one page. Names are spelled as URLs are (WHATWG URL
 * Standard): lower case, IDN as punycode, without a trailing dot. Whose a name is, the public suffix list says (publicsuffix.org):
 * below `co.uk` or `github.io` are the sites of many owners, so that such a name is no subject of its own.
 */
import { parse as parseName } from "tldts";
import { hostKey, parseUrl } from "../../corpus/index.js";
import { DataError } from "../../errors/index.js";
import type { Subject } from "./model.js";

/** The subject, and how its rows are known. */
export interface Asked {
  readonly subject: Subject;
  /** The host's key without a port, as corpus/surt.ts gives it. */
  readonly key: string;
  /** `:8080` where this port alone is meant; empty for any port. */
  readonly port: string;
  /** The page's path and query; undefined where all pages are meant. */
  readonly path: string | undefined;
}

const longest = 8192;

/**
 * Reads what was asked. A name without a scheme, or an address whose path is "/" alone, means the host; anything behind that, the
 * page. A default port (80, 443) means none.
 *
 * @param exact the host alone, without its sub-domains
 * @throws DataError SUBJECT_INVALID, SUBJECT_IS_SUFFIX
 */
export function parseSubject(asked: string, exact = false): Asked {
  const invalid = (mend?: string): DataError =>
    new DataError("SUBJECT_INVALID", { detail: asked.slice(0, 200), ...(mend === undefined ? {} : { mend }) });
  const text = asked.trim();
  if (text === "" || text.length > longest) throw invalid();
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1];
  if (scheme !== undefined && !/^https?$/i.test(scheme)) throw invalid("only http and https addresses can be asked about");
  if (scheme === undefined && /^[^/?#]*[@\s\\*]/.test(text)) throw invalid();
  const written = scheme === undefined ? `http://${text.replace(/^\/\//, "")}` : text;
  const url = parseUrl(written);
  if (url === undefined) throw invalid();
  const hostname = url.hostname.replace(/\.+$/, "");
  if (hostname === "" || /[*\s,]/.test(hostname)) throw invalid();
  const port = url.port === "" || (scheme === undefined && url.port === "443") ? "" : `:${url.port}`;
  const isPage = url.pathname !== "/" || url.search !== "";
  const { isIp, isIcann, isPrivate, publicSuffix, domain } = parseName(hostname, {
    allowPrivateDomains: true,
    validateHostname: false,
  });
  const listed = isIcann === true || isPrivate === true;
  if (!isPage && !exact && listed && publicSuffix === hostname) {
    throw new DataError("SUBJECT_IS_SUFFIX", { detail: hostname });
  }
  const scope = isPage ? "url" : exact || isIp === true ? "host" : "domain";
  const path = url.pathname + url.search;
  return {
    subject: {
      asked,
      scope,
      host: hostname + port,
      registrable_domain: domain,
      url: isPage ? `${scheme === undefined ? "https:" : url.protocol}//${hostname}${port}${path}` : null,
    },
    key: hostKey(`http://${hostname}/`),
    port,
    path: isPage ? path : undefined,
  };
}

/**
 * Whether a row's URL is the page that was asked about: same host, port, path and query as the URL Standard spells them. The
 * scheme does not count, nor does the case of the host, a default port, or a fragment.
 */
export function isThePage({ key, port, path }: Asked, url: string): boolean {
  const parsed = parseUrl(url);
  return parsed !== undefined && parsed.pathname + parsed.search === path && hostKey(url) === key + port;
}
