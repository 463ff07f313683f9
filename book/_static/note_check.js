// "Is this note right?" boxes (book/_ext/course_site.py): commit to a prediction, then see what happens.
document.addEventListener("DOMContentLoaded", () => {
  // The theme makes wide code reachable by keyboard, but only looks at load and when the window changes.
  document.addEventListener("toggle", () => window.dispatchEvent(new Event("resize")), true);
  for (const box of document.querySelectorAll(".note-check")) {
    const choices = [...box.querySelectorAll("input[type=radio]")];
    const button = box.querySelector("button");
    const details = box.querySelector(".note-reveal");
    const words = (input) => input.nextElementSibling.textContent.trim().replace(/\.$/, "");
    box.addEventListener("change", () => { button.disabled = false; });
    button.addEventListener("click", () => {
      const chosen = choices.find((input) => input.checked);
      const right = choices.find((input) => input.value === box.dataset.answer);
      right.closest(".note-choice").classList.add("note-right");
      box.querySelector(".note-verdict").textContent = chosen === right
        ? "As you predicted. Here is the run, and the reason."
        : `Not as you predicted. The answer: ${words(right)}.`;
      box.querySelector("fieldset").disabled = true;
      box.classList.add("note-open");
      box.dispatchEvent(new CustomEvent("predicted", { bubbles: true, detail: chosen === right }));
      details.open = true;
    });
    window.addEventListener("beforeprint", () => { details.open = true; });
    window.addEventListener("afterprint", () => {
      details.open = box.classList.contains("note-open");
    });
  }
});
