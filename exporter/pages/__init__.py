"""The pages for the browser. Each page is one module and one template; nothing here knows HTTP."""
