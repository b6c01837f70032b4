/** What pages are built of, for the reports of other rooms: markup that is safe by construction, the frame, sections, tables, wording. */
export { type Content, html, join, type Markup, trusted } from "./markup.js";
export { type PlainPage, plainPage } from "./plain-page.js";
export { column, facts, numberColumn, raw, section, table } from "./section.js";
export { duration } from "./summary/figures.js";
export { anchorAt, fixed } from "./time-axis.js";
export { bytes, count, counted, percent } from "./wording.js";
