"use strict";
const form = document.getElementById("form"), go = document.getElementById("go");
const progress = document.getElementById("progress"), fault = document.getElementById("fault");
if (fault) fault.focus();
form.addEventListener("submit", () => {
  // A button that is off when the form is read would not be sent, so it goes off after that.
  setTimeout(() => { go.disabled = true; }, 0);
  progress.textContent = "Reading and comparing. A long transcript takes a minute.";
});
// Who comes back from the report finds the form as it was, ready to be sent again.
addEventListener("pageshow", () => { go.disabled = false; progress.textContent = ""; });
