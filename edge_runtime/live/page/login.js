// The way in: the password, or the code that the instrument shows.

import * as api from "./api.js";
import { fillWords, loadWords, t } from "./words.js";

const $ = (id) => document.getElementById(id);

async function enter(event) {
  event.preventDefault();
  const secret = $("secret").value;
  $("go").disabled = true;
  $("trouble").textContent = "";
  try {
    await api.login({ password: secret });
    location.replace(`/${location.hash}`);
  } catch (error) {
    $("trouble").textContent = error.message && error.status ? error.message : t("lost.nobody");
    $("secret").select();
  } finally {
    $("go").disabled = false;
  }
}

async function start() {
  await loadWords("en");
  fillWords();
  $("plain").hidden = location.protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  $("seen").addEventListener("change", () => {
    $("secret").type = $("seen").checked ? "text" : "password";
  });
  $("form").addEventListener("submit", enter);
  $("secret").focus();
}

start();
