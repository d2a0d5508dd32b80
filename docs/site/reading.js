// What a screen reader and a keyboard need and the theme leaves out: the search has a name, and what scrolls can be scrolled
// without a mouse. Runs once: the site has no instant loading.
document.querySelector("[data-md-component=search]")?.setAttribute("aria-label", "Search");
if (location.pathname.includes("/ja/")) document.querySelector("article")?.setAttribute("lang", "ja");

const reachable = () => {
  for (const box of document.querySelectorAll("pre > code, .md-typeset__scrollwrap")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
};
addEventListener("load", reachable);
addEventListener("resize", reachable);
