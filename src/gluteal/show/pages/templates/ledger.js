const claims = [...document.querySelectorAll("details.claim")];
const field = (id) => document.getElementById(id);
const text = new Map(claims.map((c) => [c, c.textContent.toLowerCase()]));
function filter() {
  const words = field("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const c of claims) {
    const fits = words.every((w) => text.get(c).includes(w))
      && (!field("topic").value || c.dataset.topic === field("topic").value)
      && (!field("verdict").value || c.dataset.verdict === field("verdict").value)
      && (!field("stance").value || c.dataset.stance.split(" ").includes(field("stance").value));
    c.hidden = !fits; shown += fits;
  }
  field("none").hidden = shown > 0;
}
["words", "topic", "stance", "verdict"].forEach((id) => field(id).addEventListener("input", filter));
document.querySelectorAll(".tally button").forEach((b) => b.addEventListener("click", () => {
  field("verdict").value = field("verdict").value === b.dataset.verdict ? "" : b.dataset.verdict; filter(); }));
function openTarget() { const c = location.hash && document.getElementById(location.hash.slice(1)); if (c && c.open === false) c.open = true; }
addEventListener("hashchange", openTarget); openTarget();
