/** Makes the report's page interactive: all pages in one table, the what-if, and details that open for links and for paper. */
import type { PageData } from "../data.js";
import { Pages } from "./decode.js";
import { pagesTable } from "./pages-table.js";
import { whatIfView } from "./what-if-view.js";

const data = JSON.parse(document.getElementById("report-data")?.textContent ?? "") as PageData;
document.documentElement.classList.add("scripted");
const pages = new Pages(data.pages);

document.getElementById("pages-live")?.replaceChildren(pagesTable(data, pages));
const whatIfPlace = document.getElementById("what-if-live");
if (whatIfPlace !== null) {
  // It asks the engine about every page: only when a reader comes near.
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
      observer.disconnect();
      whatIfPlace.replaceChildren(whatIfView(data, pages));
    },
    { rootMargin: "600px" },
  );
  observer.observe(whatIfPlace);
}

/** A link to something inside a closed details element opens it. */
function openAround(): void {
  const target = location.hash.length > 1 ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null;
  for (let element: Element | null = target; element !== null; element = element.parentElement) {
    if (element instanceof HTMLDetailsElement) element.open = true;
  }
  target?.scrollIntoView();
}
window.addEventListener("hashchange", openAround);
if (location.hash !== "") openAround();

let closed: readonly HTMLDetailsElement[] = [];
window.addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll<HTMLDetailsElement>("details:not([open]):not(.long)")];
  for (const element of closed) element.open = true;
});
window.addEventListener("afterprint", () => {
  for (const element of closed) element.open = false;
});
