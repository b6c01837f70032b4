/**
 * Seven ways in which real sites wrap a text: each template takes a text (builder/sources.mjs) and returns an HTML page whose main
 * content is that text and nothing else, between the navigation, banners, scripts and footers that an extraction has to leave out.
 */

/** What no reader of a page ever sees; never part of an extracted text. */
export const invisible = ["dataLayerQuickstart", "--quickstart-accent", "quickstart-comment", "Quickstart template text"];

/** What stands around the main content. */
export const boilerplate = [
  "We use cookies to remember your choices",
  "Skip to navigation",
  "Subscribe to our weekly newsletter",
  "You may also like these pages",
  "All rights of this imaginary publisher are reserved",
];

const [script, accent, comment, template] = invisible;
const [cookies, skip, newsletter, related, rights] = boilerplate;

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
export const escapeHtml = (text) => text.replace(/[&<>]/g, (character) => escapes[character]);

const named = {
  "\u00a0": "nbsp",
  "«": "laquo",
  "»": "raquo",
  à: "agrave",
  â: "acirc",
  ä: "auml",
  ç: "ccedil",
  è: "egrave",
  é: "eacute",
};
Object.assign(named, {
  ê: "ecirc",
  î: "icirc",
  ï: "iuml",
  ñ: "ntilde",
  ó: "oacute",
  ö: "ouml",
  ô: "ocirc",
  ù: "ugrave",
  ü: "uuml",
});
const escapeNamed = (text) => escapeHtml(text).replace(/[^\0-\x7f]/g, (c) => (named[c] === undefined ? c : `&${named[c]};`));

/** Words inside a paragraph set in bold or linked, as authors do; the text stays the same. */
function decorate(text, index) {
  const words = escapeHtml(text).split(" ");
  if (words.length < 12) return words.join(" ");
  words[3] = index % 2 === 0 ? `<em>${words[3]}</em>` : `<a href="/glossary#w${index}">${words[3]}</a>`;
  words[8] = `<b class=hl>${words[8]}</b>`;
  return words.join(" ");
}

function* blocksOf({ sections }) {
  for (const { heading, paragraphs } of sections) {
    if (heading !== "") yield { kind: "heading", text: heading };
    for (let i = 0; i < paragraphs.length; i++) {
      const { text, item } = paragraphs[i];
      yield {
        kind: item ? "item" : "paragraph",
        text,
        first: item && !paragraphs[i - 1]?.item,
        last: item && !paragraphs[i + 1]?.item,
      };
    }
  }
}

function render(text, { heading, paragraph, list = "ol", write = escapeHtml }) {
  let index = 0;
  const lines = [];
  for (const block of blocksOf(text)) {
    const content = write(block.text, index++);
    if (block.kind === "heading") lines.push(heading(content));
    else if (block.kind === "paragraph") lines.push(paragraph(content));
    else lines.push(`${block.first ? `<${list}>\n` : ""}<li>${content}</li>${block.last ? `\n</${list}>` : ""}`);
  }
  return lines.join("\n");
}

const menu = ["Home", "News", "Library", "About us", "Contact"]
  .map((item) => `<li><a href="/${item[0]}">${item}</a></li>`)
  .join("");
const cards = ["Peace", "Law", "Schools", "Work"]
  .map((item) => `<li><a href="/t/${item}">${item} and more</a></li>`)
  .join("\n");
const style = `<style>:root{${accent}:#06c}.hero{color:var(${accent})}</style>`;
const tracker = `<script>window.${script}=window.${script}||[];document.write("<p>${script} wrote this</p>");</script>`;

/** `page` has text, lang, meta (elements for the head, the charset among them) and attributes of the body. */
export const templates = {
  /** HTML5 with landmarks. */
  article: ({ text, lang, meta }) => `<!DOCTYPE html>
<html lang="${lang}"><head>${meta}<title>${escapeHtml(text.title)} | Example</title>${style}
<script type="application/ld+json">{"@type":"Article","headline":"${script}"}</script></head>
<body><a class="sr-only" href="#nav">${skip}</a>
<div id="cookie-banner" role="dialog"><p>${cookies}.</p><button>Accept all</button><button>Settings</button></div>
<header><nav id="nav"><ul>${menu}</ul></nav></header>
<main><article><h1>${escapeHtml(text.title)}</h1>
${render(text, { heading: (h) => `<h2>${h}</h2>`, paragraph: (p) => `<p>${p}</p>`, write: decorate })}
</article><aside><h3>${related}</h3><ul>${cards}</ul></aside></main>
<footer><p>&copy; ${rights}.</p></footer>${tracker}</body></html>`,

  /** A page of the nineteen-nineties: tables for layout, upper-case tags, paragraphs that are never closed, named entities. */
  tables: ({ text, lang, meta }) => `<HTML LANG=${lang}><HEAD>${meta}<TITLE>${escapeNamed(text.title)}</TITLE></HEAD>
<BODY BGCOLOR="#FFFFFF" TEXT=black><!-- ${comment} -->
<TABLE WIDTH="100%" BORDER=0><TR><TD WIDTH=120 VALIGN=top><FONT SIZE=-1><A HREF="/">Home</A><BR><A HREF="/new">What's new</A><BR>
<A HREF="/links">Links</A><BR><A HREF="/guestbook">Guestbook</A></FONT></TD><TD>
<H1 ALIGN=center>${escapeNamed(text.title)}</H1>
${render(text, { heading: (h) => `<H3>${h}</H3>`, paragraph: (p) => `<P>${p}`, list: "OL", write: escapeNamed })}
</TD></TR><TR><TD COLSPAN=2><HR><FONT SIZE=-2>${rights}</FONT></TD></TR></TABLE></BODY></HTML>`,

  /** A weblog system's nest of div elements. */
  weblog: ({ text, lang, meta }) => `<!doctype html><html lang='${lang}' class='no-js'><head>${meta}
<title>${escapeHtml(text.title)} &#8211; A weblog</title><link rel='stylesheet' href='/wp/style.css?ver=6.4'>${style}${tracker}</head>
<body class='post-template single'><div id='page' class='site'><div class='site-branding'><a href='/'>A weblog</a></div>
<div class='main-navigation menu'><ul>${menu}</ul></div>
<div id='content' class='site-content'><div id='primary' class='content-area'><div class='post hentry'>
<div class='entry-header'><h1 class='entry-title'>${escapeHtml(text.title)}</h1></div>
<div class='entry-content'>
${render(text, { heading: (h) => `<h2 class='wp-block-heading'>${h}</h2>`, paragraph: (p) => `<p class='has-text'>${p}</p>`, write: decorate })}
</div><div class='sharedaddy share'><a href='/share?to=a'>Share</a> <a href='/share?to=b'>Print</a></div></div></div>
<div id='secondary' class='widget-area sidebar'><div class='widget'><h4>${related}</h4><ul>${cards}</ul></div>
<div class='widget newsletter'><p>${newsletter}.</p><form><input name='q'><button>Go</button></form></div></div></div>
<div id='colophon' class='site-footer'>${rights}.</div></div><noscript>${template}</noscript></body></html>`,

  /** An encyclopaedia. */
  wiki: ({ text, lang, meta }) => `<!DOCTYPE html>
<html class="client-nojs" lang="${lang}" dir="auto"><head>${meta}<title>${escapeHtml(text.title)}</title>${style}</head>
<body class="skin-vector"><div id="mw-navigation" role="navigation"><a href="#search">${skip}</a><ul>${menu}</ul></div>
<div id="content" class="mw-body" role="main"><h1 id="firstHeading">${escapeHtml(text.title)}</h1>
<div id="mw-content-text" class="mw-parser-output">
${render(text, { heading: (h) => `<h2><span class="mw-headline">${h}</span></h2>`, paragraph: (p) => `<p>${p}\n</p>`, write: decorate })}
</div></div><div id="footer" role="contentinfo"><ul><li>${rights}.</li></ul></div><!-- ${comment} ${template} -->${tracker}</body></html>`,

  /** An official gazette: numbered sections. */
  gazette: ({ text, lang, meta }) => `<?xml version="1.0"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="${lang}" lang="${lang}"><head>${meta}<title>${escapeHtml(text.title)}</title></head>
<body><div class="breadcrumb"><a href="/">Home</a> &#187; <a href="/acts">Acts</a></div>
<div id="document"><h1>${escapeHtml(text.title)}</h1>
${render(text, { heading: (h) => `<h3 class="section-number">${h}</h3>`, paragraph: (p) => `<p class="para">${p}</p>` })}
</div><div class="footer"><p>${rights}.</p><p><a href="/imprint">Imprint</a></p></div>
<script type="text/javascript">//<![CDATA[
var ${script} = "<p>" + 1;
//]]></script></body></html>`,

  /** As little markup as HTML allows. */
  bare: ({ text, meta }) => `<!doctype html>${meta}<title>${escapeHtml(text.title)}</title>
<h1>${escapeHtml(text.title)}</h1>
${render(text, { heading: (h) => `<h2>${h}</h2>`, paragraph: (p) => `<p>${p}` })}`,

  /** A newspaper: things keep coming between the paragraphs. */
  news: ({ text, lang, meta }) => {
    let seen = 0;
    const between = (p) => {
      seen++;
      if (seen === 3) return `<figure><img src="data:," alt=""></figure>\n<p>${p}</p>`;
      if (seen === 5) return `<p>${p}</p>\n<aside class="related-box"><h4>${related}</h4><ul>${cards}</ul></aside>`;
      return `<p>${p}</p>`;
    };
    return `<!DOCTYPE html><html lang="${lang}"><head>${meta}<meta property="og:type" content="article">
<title>${escapeHtml(text.title)} - Daily Example</title>${style}${tracker}</head><body>
<div class="consent-overlay modal" aria-modal="true"><p>${cookies}.</p></div>
<header class="masthead"><a href="/">Daily Example</a><nav><ul>${menu}</ul></nav></header>
<article itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">${escapeHtml(text.title)}</h1>
<div itemprop="articleBody">
${render(text, { heading: (h) => `<h2>${h}</h2>`, paragraph: between, write: decorate })}
</div></article><template><p>${template}</p></template>
<section class="newsletter-signup"><h4>${newsletter}</h4><form action="/n"><input type="email"></form></section>
<footer><nav><a href="/imprint">Imprint</a></nav><small>${rights}.</small></footer></body></html>`;
  },
};
