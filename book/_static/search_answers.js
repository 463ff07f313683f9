// Excerpts of search results leave out what a box reveals only after a prediction.
document.addEventListener("DOMContentLoaded", () => {
  const textOf = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(".note-reveal").forEach((answer) => answer.remove());
    return textOf(page.documentElement.outerHTML, anchor);
  };
});
