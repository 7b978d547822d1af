import { Page } from "./page";

Page.open().then(
  () => {
    document.documentElement.dataset["ready"] = "yes";
  },
  (error: unknown) => {
    document.documentElement.dataset["ready"] = "no";
    document.getElementById("sentence")!.textContent =
      "This page cannot run here; it needs a browser of the last few years. The picture and the verdict below were made with it.";
    console.error(error);
  },
);
