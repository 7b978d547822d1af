// The live page lies in this file, packed; nothing of it runs before it is asked for.
{
  const start = document.getElementById("live-start"), stage = document.getElementById("live-stage");
  start.addEventListener("click", async () => {
    start.disabled = true;
    const said = document.getElementById("live-said");
    said.textContent = "Opening …";
    try {
      const packed = Uint8Array.from(atob(document.getElementById("live-code").textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
      const [before, after] = (await new Response(stream).text()).split("\0");
      const frame = document.createElement("iframe");
      frame.title = "The body in motion, with sliders for what is changed";
      frame.srcdoc = before + document.getElementById("live-pieces").innerHTML + after;
      stage.append(frame);
      frame.addEventListener("load", () => { said.textContent = ""; frame.focus(); });
      const whole = document.createElement("button");
      whole.type = "button";
      whole.textContent = "Fill the screen";
      whole.addEventListener("click", () => void frame.requestFullscreen?.());
      start.replaceWith(whole);
      whole.focus();
    } catch {
      start.disabled = false;
      said.textContent = "This browser cannot open it; the pictures and numbers of this page say the same.";
    }
  });
}
