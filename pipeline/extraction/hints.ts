/**
 * What the author's markup says of a part of the page: element names, ARIA roles (WAI-ARIA 1.2, section 5.3.4 "Landmark roles"),
 * schema.org properties, and the words that sites the world over, in whatever language, put into class and id. Only hints: how
 * much text lies there decides whether they are believed (main-text.ts).
 */

/** Stands beside the text: navigation, banners, side columns, forms, things to share, read next or buy. */
export const BESIDE = 1;
/** Comments of readers. */
export const COMMENTS = 2;
/** Lies over the page: questions about cookies, pop-ups. */
export const OVERLAY = 4;
/** Says that it is the main part of the page. */
export const MAIN = 8;
/** One of perhaps several articles. */
export const ARTICLE = 16;

const byElement: ReadonlyMap<string, number> = new Map([
  ...["nav", "footer", "aside", "header", "menu", "search", "form", "fieldset"].map((name) => [name, BESIDE] as const),
  ["main", MAIN],
  ["article", ARTICLE],
]);

const besideRoles = ["navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar", "toolbar", "tablist"];
const byRole: ReadonlyMap<string, number> = new Map([
  ...besideRoles.map((role) => [role, BESIDE] as const),
  ["dialog", OVERLAY],
  ["alertdialog", OVERLAY],
  ["main", MAIN],
  ["article", ARTICLE],
]);

function words(...lists: string[]): RegExp {
  return new RegExp(`(?:^|[^a-z])(?:${lists.join(" ").split(" ").join("|")})(?![a-z])`);
}

const overlay = words(
  "cookies? cookiebar cookiebanner cookienotice cookieconsent gdpr ccpa consent onetrust cmp popups? modals? lightbox interstitial",
);
const comments = words(
  "comments? commentlist commentarea commentsarea commentsection commentbox commentbody commenttext commentform commentwrap",
  "disqus livefyre respond reply replies",
);
const beside = words(
  // Finding one's way
  "navs? navbar navigation menus? submenu topnav mainnav subnav leftnav rightnav breadcrumbs? pagination pager paging skip toc",
  // Edges of the page
  "footer foot sidebars? side rail masthead topbar toolbar left-col right-col copyright legal colophon printfooter",
  // What to read, share or buy next
  "related recommend recommended recommendations? recommends recirc recirculation jp-relatedposts trending popular most-read mostread",
  "more-stories more-news read-more readmore see-also next-up upnext also outbrain taboola teasers? carousel slider gallery",
  "shares? sharing sharebar socials? addthis sharedaddy follow promos? promotions? sponsor sponsored sponsors",
  "ads? adverts? advertisement advertising adsense banner newsletters? subscribe subscriptions? signup sign-up optin login",
  "register donate widgets?",
  // About the text rather than text
  "tags? taglist tagcloud byline dateline timestamp authors? bio author-bio meta metadata postmeta credits? captions? ratings?",
  "disclaimer tools utility print infobox navbox mw-editsection catlinks reflist",
  // For machines and screen readers
  "hidden visually-hidden sr-only screen-reader-text screen-reader donotprint noprint",
);

/** Reads hints off the elements of one page; the same names come again and again, so they are looked at once. */
export class Hints {
  readonly #seen = new Map<string, number>([[" ", 0]]);

  /** `names` is the element's class and id with a space between. */
  of(element: string, role: string, itemprop: string, names: string): number {
    let hints = byElement.get(element) ?? 0;
    if (role !== "") hints |= byRole.get(role.trim().toLowerCase()) ?? 0;
    if (itemprop !== "") {
      if (/articlebody/i.test(itemprop)) hints |= MAIN;
      else if (/^\s*(?:comment|author|publisher|breadcrumb)\s*$/i.test(itemprop)) hints |= BESIDE;
    }
    return names === "" ? hints : hints | this.#ofNames(names.slice(0, NAMES_CHARACTERS));
  }

  #ofNames(names: string): number {
    const seen = this.#seen.get(names);
    if (seen !== undefined) return seen;
    const hints = hintsOfNames(names);
    if (this.#seen.size < SEEN_NAMES) this.#seen.set(names, hints);
    return hints;
  }
}

/** Longer class attributes are utility classes by the dozen; the words that tell anything come early. */
const NAMES_CHARACTERS = 256;
const SEEN_NAMES = 1024;

function hintsOfNames(names: string): number {
  // A capital in camelCase is a word boundary as good as a hyphen.
  const text = names.replace(/([a-z])([A-Z])/g, "$1-$2").toLowerCase();
  return (overlay.test(text) ? OVERLAY : 0) | (comments.test(text) ? COMMENTS : 0) | (beside.test(text) ? BESIDE : 0);
}
