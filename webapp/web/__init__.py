"""What all blueprints share: arrival, access, language, headers, and answers in whole pages or parts."""
