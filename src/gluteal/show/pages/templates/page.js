document.querySelectorAll("table.sortable th").forEach((head) => {
  const sort = () => {
    const table = head.closest("table"), body = table.tBodies[0], column = head.cellIndex;
    const down = head.getAttribute("aria-sort") !== "descending";
    table.querySelectorAll("th").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const key = (row) => { const text = row.cells[column].textContent, n = parseFloat(text.replace("−", "-")); return isNaN(n) ? text : n; };
    const compare = (a, b) => { const x = key(a), y = key(b);
      return typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y)); };
    [...body.rows].sort((a, b) => (down ? -1 : 1) * compare(a, b)).forEach((row) => body.append(row));
  };
  head.tabIndex = 0;
  head.addEventListener("click", sort);
  head.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); sort(); } });
});
// What scrolls within the page is reached by keyboard, and named by the heading or summary above it.
const regions = new Map();
document.querySelectorAll(".scroll").forEach((box) => {
  const above = box.closest("details")?.querySelector("summary") ?? box.closest("section")?.querySelector("h2, h3");
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  const words = (above?.textContent ?? "Table").trim(), count = (regions.get(words) ?? 0) + 1;
  regions.set(words, count);
  box.setAttribute("aria-label", count > 1 ? `${words}, ${count}` : words);
});
