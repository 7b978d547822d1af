import { Page } from "./page";

declare global {
  interface Window {
    gluteal?: Page;
  }
}

Page.open().then(
  (page) => {
    window.gluteal = page;
    document.documentElement.dataset["ready"] = "yes";
  },
  (error: unknown) => {
    document.documentElement.dataset["ready"] = "no";
    document.getElementById("sentence")!.textContent =
      "This page cannot run here; it needs a browser of the last few years. The picture and the verdict below were made with it.";
    console.error(error);
  },
);
