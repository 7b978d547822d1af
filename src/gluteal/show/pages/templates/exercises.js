"use strict";
// Filters and order of the exercise atlas: everything is in the page, nothing is asked for.
(() => {
  const list = document.getElementById("cards"), cards = [...list.children], form = document.querySelector("form.controls");
  const field = (id) => document.getElementById(id), count = field("count");
  const boxes = [...document.querySelectorAll("input.item")];
  cards.forEach((card, place) => { card.dataset.step = String(Number(card.dataset.step) * 1000 + place); });
  const number = (text) => (text === "" || text === undefined ? Infinity : Number(text));
  const show = () => {
    const words = field("name").value.trim().toLowerCase(), level = field("level").value, position = field("position").value;
    const ceiling = number(field("ceiling").value), missing = boxes.filter((box) => !box.checked).map((box) => box.value);
    let shown = 0;
    for (const card of cards) {
      const data = card.dataset, needs = data.needs === "" ? [] : data.needs.split(";");
      card.hidden = !(data.words.includes(words) && (level === "" || data.level === level)
        && (position === "" || data.position === position) && !needs.some((item) => missing.includes(item))
        && (ceiling === Infinity || number(data.load) <= ceiling));
      shown += card.hidden ? 0 : 1;
    }
    const key = field("order").value, value = (card) => number(card.dataset[key]);
    [...cards].sort((a, b) => (value(a) === value(b) ? number(a.dataset.step) - number(b.dataset.step) : value(a) - value(b)))
      .forEach((card) => list.append(card));
    count.textContent = `${shown} of ${cards.length} exercises`;
  };
  form.addEventListener("input", show);
  form.addEventListener("reset", () => setTimeout(show));
  form.addEventListener("submit", (event) => event.preventDefault());
})();
