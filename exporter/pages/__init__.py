"""What a person sees in a browser. Each page is one module and one template; nothing here knows HTTP."""
