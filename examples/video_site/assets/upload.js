"use strict";

const form = document.querySelector("form");
const told = document.querySelector("#told");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = form.elements.video.files[0];
  const about = new URLSearchParams({ title: form.elements.title.value, creator: form.elements.creator.value });
  if (form.elements.ai.checked) {
    about.set("ai", "yes");
  }
  told.textContent = "Sending…";
  try {
    const answer = await fetch(`/videos?${about}`, { method: "PUT", body: file, headers: { "Content-Type": file.type } });
    if (answer.status === 201) {
      location.assign(answer.headers.get("Location"));
    } else {
      told.textContent = await answer.text();
    }
  } catch {
    told.textContent = "The video did not get through. Try again.";
  }
});
