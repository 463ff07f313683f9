// Figures with sliders (gradus/explore.py): each position of the sliders is one picture and its text.
document.documentElement.classList.add("has-script");
document.addEventListener("DOMContentLoaded", () => {
  for (const figure of document.querySelectorAll(".explore")) {
    const frames = JSON.parse(figure.dataset.frames);
    const image = figure.querySelector("img");
    const sliders = [...figure.querySelectorAll("input[type=range]")];
    const show = (positions) => {
      const frame = sliders.reduce((i, s, n) => i * (Number(s.max) + 1) + positions[n], 0);
      image.src = frames[frame].src;
      image.alt = frames[frame].alt;
      sliders.forEach((slider, n) => {
        const text = JSON.parse(slider.dataset.texts)[positions[n]];
        slider.setAttribute("aria-valuetext", text);
        slider.closest(".explore-slider").querySelector("output").value = text;
      });
    };
    const follow = () => show(sliders.map((slider) => Number(slider.value)));
    const fetchAll = () => frames.forEach((frame) => { new Image().src = frame.src; });
    figure.addEventListener("input", follow);
    figure.addEventListener("pointerenter", fetchAll, { once: true });
    figure.addEventListener("focusin", fetchAll, { once: true });
    window.addEventListener("beforeprint", () => show(sliders.map((slider) => Number(slider.defaultValue))));
    window.addEventListener("afterprint", follow);
  }
});
