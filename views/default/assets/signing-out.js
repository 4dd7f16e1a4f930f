/** Goes on when every application has been told, or one takes too long. */
(() => {
  const { href } = document.getElementById('next');
  let gone = false;
  const leave = () => {
    if (!gone) location.replace(href);
    gone = true;
  };
  addEventListener('load', leave);
  setTimeout(leave, 5000);
})();
